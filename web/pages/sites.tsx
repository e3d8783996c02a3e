/**
 * Sites: the list, and one site with its servers.
 * Must not: change anything; the master data is edited in site-edit.tsx.
 */
import { roleIncludes } from "../auth/users.ts";
import { percent } from "../i18n/format.ts";
import { word } from "../i18n/language.ts";
import { byName, inTrouble } from "../look.ts";
import { page } from "../page.tsx";
import { Empty } from "../parts/controls.tsx";
import { coordinates } from "../parts/coordinates.tsx";
import { Facts, type Fact } from "../parts/facts.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { IncidentCard } from "../parts/incident-card.tsx";
import { MarkTags } from "../parts/marks.tsx";
import { StatusMark } from "../parts/status.tsx";
import { Ago } from "../parts/time.tsx";
import type { Html, Scene, View } from "../scene.ts";
import type { SiteView } from "../source-servers.ts";
import type { Visit } from "../visit.ts";
import { notFoundPage } from "./errors.tsx";

const pathOf = (site: SiteView) => `/sites/${encodeURIComponent(site.id)}`;

export function showSites(visit: Visit): Promise<Response> {
  const { texts, scene } = visit;
  const sites = [...scene.look.sites].sort(byName);
  const mayEdit = roleIncludes(scene.role, "admin");
  return page(visit, {
    title: texts.sites.title,
    content: (
      <>
        <div class="page-head">
          <h1>{texts.sites.title}</h1>
          {mayEdit ? (
            <a class="button button-primary" href="/sites/add">
              {texts.sites.add}
            </a>
          ) : null}
        </div>
        {sites.length === 0 ? (
          <Empty title={texts.sites.empty} hint={texts.sites.emptyHint} />
        ) : (
          <table class="sites">
            <caption class="unseen">{texts.sites.title}</caption>
            <thead>
              <tr>
                <th scope="col">{texts.sites.name}</th>
                <th scope="col" class="only-wide">
                  {texts.sites.address}
                </th>
                <th scope="col" class="only-wide">
                  {texts.sites.provider}
                </th>
                <th scope="col">{texts.sites.servers}</th>
              </tr>
            </thead>
            <tbody>
              {sites.map((site) => {
                const servers = scene.look.serversOf(site.id);
                const troubled = servers.filter(inTrouble).length;
                return (
                  <tr>
                    <th scope="row">
                      <a href={pathOf(site)}>{site.name}</a>
                      {site.code ? <span class="quiet"> {site.code}</span> : null}
                      <span class="only-narrow line quiet">{site.address}</span>
                    </th>
                    <td class="only-wide">{site.address}</td>
                    <td class="only-wide">{site.provider}</td>
                    <td>
                      {texts.common.servers(servers.length)}
                      {troubled > 0 ? (
                        <span class="line site-row-trouble">
                          {texts.now.ofServers(troubled, servers.length)}
                        </span>
                      ) : null}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </>
    ),
  });
}

/** The site that the path names, or null. */
export function siteOf(visit: Visit): SiteView | null {
  return visit.scene.look.site(visit.c.req.param("id") ?? "");
}

/** "answers when last asked, 3 minutes ago · usually answers 98%" */
function GatewayState({ scene, site }: { readonly scene: Scene; readonly site: SiteView }): Html {
  const { sites, probeVerdict } = scene.texts;
  const { asked = 0, answered = 0, last = null } = site.gateway ?? {};
  if (last === null && asked === 0) return <>{sites.gatewayUnasked}</>;
  return (
    <>
      {last === null ? null : (
        <>
          {sites.gatewayNow(word(probeVerdict, last.verdict))},{" "}
          <Ago scene={scene} atMs={last.atMs} timeZone={site.timeZone} />
        </>
      )}
      {last !== null && asked > 0 ? " · " : ""}
      {asked === 0
        ? ""
        : answered === 0
          ? sites.gatewayNever
          : sites.gatewayUsual(percent(scene.language, answered / asked))}
    </>
  );
}

function SiteServers({ scene, site }: { readonly scene: Scene; readonly site: SiteView }): Html {
  const { texts, look } = scene;
  const servers = look.serversOf(site.id);
  return (
    <Fragment name="site-servers">
      <section class="panel" aria-labelledby="site-servers-title">
        <h2 id="site-servers-title">{texts.sites.servers}</h2>
        {servers.length === 0 ? (
          <p class="quiet">{texts.now.siteEmpty}</p>
        ) : (
          <ul class="plain-rows">
            {servers.map((server) => (
              <li>
                <StatusMark status={server.status} texts={texts} />
                <span>
                  <a href={`/servers/${encodeURIComponent(server.id)}`}>{server.name}</a>{" "}
                  <MarkTags scene={scene} server={server} />
                </span>
              </li>
            ))}
          </ul>
        )}
        <p>
          <a href={`/incidents?site=${encodeURIComponent(site.id)}`}>{texts.sites.incidents}</a>
        </p>
      </section>
    </Fragment>
  );
}

/** Open incidents of the site itself; those of its servers are theirs, and in the list. */
function SiteIncidents({ scene, site }: { readonly scene: Scene; readonly site: SiteView }): Html {
  const open = scene.look.openIncidents.filter(
    ({ siteId, serverId, siteIds }) => serverId === null && (siteId === site.id || siteIds.includes(site.id)),
  );
  return (
    <Fragment name="site-incidents" class="site-incidents">
      {open.map((incident) => (
        <IncidentCard scene={scene} incident={incident} heading="h2" />
      ))}
    </Fragment>
  );
}

function SiteFacts({ scene, site }: { readonly scene: Scene; readonly site: SiteView }): Html {
  const { texts } = scene;
  const facts: readonly Fact[] = [
    [texts.sites.code, site.code],
    [texts.sites.address, site.address],
    [texts.server.coordinates, coordinates(scene, site)],
    [texts.sites.timeZone, site.timeZone],
    [
      texts.sites.gateway,
      site.gatewayAddress === null ? null : (
        <>
          {site.gatewayAddress}
          <span class="line quiet">
            <GatewayState scene={scene} site={site} />
          </span>
        </>
      ),
    ],
    [texts.sites.contact, site.contact],
    [texts.sites.provider, site.provider],
    [texts.sites.circuit, site.circuitId],
  ];
  return (
    <Fragment name="site-facts">
      <section class="panel" aria-labelledby="site-facts-title">
        <h2 id="site-facts-title">{texts.sites.facts}</h2>
        <Facts rows={facts} />
      </section>
    </Fragment>
  );
}

export function siteView(id: string): View {
  return {
    key: `site ${id}`,
    names: ["site-incidents", "site-servers", "site-facts"],
    periodic: [],
    touched: (change, look, before) => {
      switch (change.topic) {
        case "server":
          return [look, before].some((one) => one.server(change.id)?.siteId === id) ? ["site-servers"] : [];
        case "site":
          return change.id === id ? ["site-incidents", "site-facts"] : [];
        case "incident":
          return ["site-incidents"];
        case "maintenance":
          return ["site-servers"];
        case "recipient":
        case "route":
        case "notification":
        case "hearing":
        case "heartbeat":
          return [];
      }
    },
    draw: (name, scene) => {
      const site = scene.look.site(id);
      if (!site) return null;
      switch (name) {
        case "site-incidents":
          return <SiteIncidents scene={scene} site={site} />;
        case "site-servers":
          return <SiteServers scene={scene} site={site} />;
        case "site-facts":
          return <SiteFacts scene={scene} site={site} />;
        default:
          return null;
      }
    },
  };
}

export function showSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  if (!site) return notFoundPage(visit);
  const { texts, scene } = visit;
  return page(visit, {
    title: site.name,
    view: siteView(site.id),
    viewPath: pathOf(site),
    content: (
      <>
        <div class="page-head">
          <h1>{site.name}</h1>
          <div class="actions">
            {roleIncludes(scene.role, "operator") ? (
              <a class="button button-plain" href={`/maintenance?site=${encodeURIComponent(site.id)}`}>
                {texts.sites.maintenance}
              </a>
            ) : null}
            {roleIncludes(scene.role, "admin") ? (
              <>
                <a class="button button-plain" href={`${pathOf(site)}/edit`}>
                  {texts.common.edit}
                </a>
                <a class="button button-danger" href={`${pathOf(site)}/remove`}>
                  {texts.common.remove}…
                </a>
              </>
            ) : null}
          </div>
        </div>
        <SiteIncidents scene={scene} site={site} />
        <div class="columns">
          <SiteServers scene={scene} site={site} />
          <SiteFacts scene={scene} site={site} />
        </div>
      </>
    ),
  });
}
