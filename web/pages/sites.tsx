/**
 * Sites: the list, and one site with its servers.
 * Must not: change anything; the master data is edited in site-edit.tsx.
 */
import { roleIncludes } from "../auth/users.ts";
import { number } from "../i18n/format.ts";
import { byName, inTrouble } from "../look.ts";
import { page } from "../page.tsx";
import { Empty } from "../parts/controls.tsx";
import { mapUrl } from "../parts/incident-card.tsx";
import { StatusMark } from "../parts/status.tsx";
import type { Html } from "../scene.ts";
import type { SiteView } from "../source.ts";
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

export function showSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  if (!site) return notFoundPage(visit);
  const { texts, scene, language } = visit;
  const servers = scene.look.serversOf(site.id);
  const facts: (readonly [string, Html | string])[] = [
    [texts.sites.code, site.code],
    [texts.sites.address, site.address],
    [
      texts.server.coordinates,
      site.latitude !== null && site.longitude !== null ? (
        <a href={mapUrl(site.latitude, site.longitude)} rel="noreferrer" target="_blank">
          {number(language, site.latitude, 5)}; {number(language, site.longitude, 5)}
        </a>
      ) : (
        ""
      ),
    ],
    [texts.sites.timeZone, site.timeZone],
    [texts.sites.gateway, site.gatewayAddress ?? ""],
    [texts.sites.contact, site.contact],
    [texts.sites.provider, site.provider],
    [texts.sites.circuit, site.circuitId],
  ];
  return page(visit, {
    title: site.name,
    content: (
      <>
        <div class="page-head">
          <h1>{site.name}</h1>
          {roleIncludes(scene.role, "admin") ? (
            <div class="actions">
              <a class="button button-plain" href={`${pathOf(site)}/edit`}>
                {texts.common.edit}
              </a>
              <a class="button button-danger" href={`${pathOf(site)}/remove`}>
                {texts.common.remove}…
              </a>
            </div>
          ) : null}
        </div>
        <div class="columns">
          <section class="panel" aria-labelledby="site-servers-title">
            <h2 id="site-servers-title">{texts.sites.servers}</h2>
            {servers.length === 0 ? (
              <p class="quiet">{texts.now.siteEmpty}</p>
            ) : (
              <ul class="plain-rows">
                {servers.map((server) => (
                  <li>
                    <StatusMark status={server.status} texts={texts} />
                    <a href={`/servers/${encodeURIComponent(server.id)}`}>{server.name}</a>
                  </li>
                ))}
              </ul>
            )}
            <p>
              <a href={`/incidents?site=${encodeURIComponent(site.id)}`}>{texts.sites.incidents}</a>
            </p>
          </section>
          <section class="panel" aria-labelledby="site-facts-title">
            <h2 id="site-facts-title">{texts.sites.facts}</h2>
            <dl class="facts">
              {facts.map(([label, value]) =>
                value === "" ? null : (
                  <div>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                  </div>
                ),
              )}
            </dl>
          </section>
        </div>
      </>
    ),
  });
}
