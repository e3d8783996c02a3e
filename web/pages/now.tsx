/**
 * The page Now: one sentence, the open incidents, every site with its servers. `?kiosk` fills a wall screen.
 * Must not: scroll a person past what is wrong; the worst comes first everywhere.
 */
import { compareNames, inTrouble, statusOrder, type Look } from "../look.ts";
import { page } from "../page.tsx";
import { AddServer } from "../parts/add-server.tsx";
import { Empty } from "../parts/controls.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { IncidentCard } from "../parts/incident-card.tsx";
import { StatusShape } from "../parts/status.tsx";
import type { Html, Scene, View } from "../scene.ts";
import type { IncidentView } from "../source-incidents.ts";
import type { ServerView, SiteView, Status } from "../source-servers.ts";
import type { Visit } from "../visit.ts";

/** Up to so many servers a site shows all their names; above that the healthy ones are small tiles without. */
const NAMED_TILES_MAX = 8;
/** Stands for "no site" in fragment names; ids never hold a colon. */
const NO_SITE = ":none";

/** The one sentence, and how it feels. */
function verdict(scene: Scene): { readonly text: string; readonly mood: "good" | "doubt" | "bad" | "empty" } {
  const { look, texts } = scene;
  const count = (status: Status) => look.servers.filter((server) => server.status === status).length;
  const troubled = look.servers.filter(inTrouble);
  if (look.servers.length === 0) return { text: texts.now.empty, mood: "empty" };
  if (troubled.length > 0) {
    const places = new Set(troubled.map(({ siteId }) => siteId).filter((siteId) => siteId !== null));
    return { text: texts.now.down(places.size, troubled.length), mood: "bad" };
  }
  if (look.openIncidents.length > 0) return { text: texts.now.trouble, mood: "bad" };
  if (count("suspect") > 0) return { text: texts.now.suspect(count("suspect")), mood: "doubt" };
  if (count("up") === look.servers.length) return { text: texts.now.allUp(count("up")), mood: "good" };
  if (count("up") === 0 && count("new") > 0) return { text: texts.now.waiting(count("new")), mood: "empty" };
  return { text: texts.now.quiet(count("up")), mood: "good" };
}

function Summary({ scene }: { readonly scene: Scene }): Html {
  const { text, mood } = verdict(scene);
  const counts = statusOrder
    .map((status) => ({ status, n: scene.look.servers.filter((server) => server.status === status).length }))
    .filter(({ n }) => n > 0);
  return (
    <Fragment name="now-summary" class={`summary summary-${mood}`}>
      <h1 aria-live="polite">{text}</h1>
      {counts.length > 0 ? (
        <ul class="counts">
          {counts.map(({ status, n }) => (
            <li>
              <a class={`count status-${status}`} href={`/servers?status=${status}`}>
                <StatusShape status={status} />
                <strong>{n}</strong> {scene.texts.status[status]}
              </a>
            </li>
          ))}
        </ul>
      ) : null}
    </Fragment>
  );
}

/** Newest first; what is part of another open incident stands there, so that one cause is one card. */
function shownIncidents(look: Look): IncidentView[] {
  const ids = new Set(look.openIncidents.map(({ id }) => id));
  return look.openIncidents
    .filter(({ groupedUnder }) => groupedUnder === null || !ids.has(groupedUnder))
    .sort((a, b) => b.number - a.number);
}

function Incidents({ scene }: { readonly scene: Scene }): Html {
  const { look, texts } = scene;
  const open = shownIncidents(look);
  return (
    <Fragment name="now-incidents">
      {open.length > 0 ? (
        <section aria-labelledby="now-incidents-title">
          <h2 id="now-incidents-title">{texts.now.incidents}</h2>
          <div class="cards">
            {open.map((incident) => (
              <IncidentCard scene={scene} incident={incident} />
            ))}
          </div>
        </section>
      ) : null}
    </Fragment>
  );
}

function Tile({
  scene,
  server,
  named,
}: {
  readonly scene: Scene;
  readonly server: ServerView;
  readonly named: boolean;
}): Html {
  const status = scene.texts.status[server.status];
  return (
    <li>
      <a
        class={`tile status-${server.status} ${named ? "tile-named" : ""}`}
        href={`/servers/${encodeURIComponent(server.id)}`}
        title={`${server.name}: ${status}`}
      >
        <StatusShape status={server.status} />
        {named ? (
          <>
            <span class="tile-name">{server.name}</span>
            {server.status === "up" ? (
              <span class="unseen">: {status}</span>
            ) : (
              <span class="tile-status">{status}</span>
            )}
          </>
        ) : (
          <span class="unseen">
            {server.name}: {status}
          </span>
        )}
      </a>
    </li>
  );
}

function SiteRow({ scene, site }: { readonly scene: Scene; readonly site: SiteView | null }): Html {
  const { look, texts } = scene;
  const servers = look.serversOf(site?.id ?? null);
  const troubled = servers.filter(inTrouble).length;
  const allNamed = servers.length <= NAMED_TILES_MAX;
  const mood = troubled > 0 ? "bad" : servers.some(({ status }) => status === "suspect") ? "doubt" : "good";
  return (
    <Fragment name={`now-site-${site?.id ?? NO_SITE}`} class={`site-row site-row-${mood}`}>
      <div class="site-row-head">
        <h3>
          {site ? <a href={`/sites/${encodeURIComponent(site.id)}`}>{site.name}</a> : texts.common.ungrouped}
        </h3>
        <p class={troubled > 0 ? "site-row-trouble" : "quiet"}>
          {servers.length === 0
            ? texts.now.siteEmpty
            : troubled > 0
              ? texts.now.ofServers(troubled, servers.length)
              : texts.common.servers(servers.length)}
        </p>
      </div>
      {servers.length > 0 ? (
        <ul class="tiles">
          {servers.map((server) => (
            <Tile scene={scene} server={server} named={allNamed || server.status !== "up"} />
          ))}
        </ul>
      ) : null}
    </Fragment>
  );
}

function Sites({ scene }: { readonly scene: Scene }): Html {
  const { look, texts } = scene;
  const worst = (site: SiteView) => {
    const first = look.serversOf(site.id)[0];
    return first ? statusOrder.indexOf(first.status) : statusOrder.length;
  };
  const sites = [...look.sites].sort(
    (a, b) => worst(a) - worst(b) || compareNames(a.name, b.name) || (a.id < b.id ? -1 : 1),
  );
  const alone = look.serversOf(null).length > 0;
  return (
    <Fragment name="now-sites">
      {look.servers.length === 0 ? (
        <Empty title={null} hint={texts.now.emptyHint}>
          <AddServer scene={scene} />
        </Empty>
      ) : (
        <section aria-labelledby="now-sites-title">
          <h2 id="now-sites-title">{look.sites.length > 0 ? texts.now.sites : texts.servers.title}</h2>
          <div class="site-rows">
            {sites.map((site) => (
              <SiteRow scene={scene} site={site} />
            ))}
            {alone ? <SiteRow scene={scene} site={null} /> : null}
          </div>
        </section>
      )}
    </Fragment>
  );
}

const SITE_PREFIX = "now-site-";

export const nowView: View = {
  key: "now",
  names: ["now-summary", "now-incidents", "now-sites"],
  periodic: [],
  touched: (change, look, before) => {
    switch (change.topic) {
      case "server": {
        const server = look.server(change.id);
        const earlier = before.server(change.id);
        // A server that came, went or moved changes which rows there are, a site's worst status their order.
        if (!server || !earlier || server.siteId !== earlier.siteId) return nowView.names;
        const worst = look.serversOf(server.siteId)[0]?.status;
        if (worst !== before.serversOf(server.siteId)[0]?.status) return nowView.names;
        return ["now-summary", SITE_PREFIX + (server.siteId ?? NO_SITE)];
      }
      case "site":
        return ["now-incidents", "now-sites"];
      case "incident":
        return ["now-summary", "now-incidents"];
      case "hearing":
        return ["now-summary"];
      case "recipient":
      case "route":
      case "notification":
      case "maintenance":
      case "heartbeat":
        return [];
    }
  },
  draw: (name, scene) => {
    switch (name) {
      case "now-summary":
        return <Summary scene={scene} />;
      case "now-incidents":
        return <Incidents scene={scene} />;
      case "now-sites":
        return <Sites scene={scene} />;
      default: {
        const id = name.slice(SITE_PREFIX.length);
        if (id === NO_SITE)
          return scene.look.serversOf(null).length > 0 ? <SiteRow scene={scene} site={null} /> : null;
        const site = scene.look.site(id);
        return site ? <SiteRow scene={scene} site={site} /> : null;
      }
    }
  },
};

export function showNow(visit: Visit): Promise<Response> {
  const { scene, texts } = visit;
  const kiosk = visit.c.req.query("kiosk") !== undefined;
  return page(visit, {
    title: texts.now.title,
    view: nowView,
    viewPath: "/",
    kiosk,
    content: (
      <>
        <Summary scene={scene} />
        <Incidents scene={scene} />
        <Sites scene={scene} />
        {kiosk || scene.look.servers.length === 0 ? null : (
          <p class="page-foot">
            <a class="quiet-link" href="/?kiosk">
              {texts.now.kiosk}
            </a>
          </p>
        )}
      </>
    ),
  });
}
