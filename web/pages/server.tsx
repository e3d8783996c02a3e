/**
 * The page of one server: what it is now and since when, what is known of it, and what can be done.
 * Must not: change anything by being opened; a check is a button.
 */
import { roleIncludes } from "../auth/users.ts";
import { page } from "../page.tsx";
import { ActButton } from "../parts/controls.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { Health } from "../parts/health.tsx";
import { IncidentCard, IncidentRow } from "../parts/incident-card.tsx";
import { MarkSentences } from "../parts/marks.tsx";
import { ProbeList } from "../parts/probe-list.tsx";
import { logSentence } from "../parts/sentences.ts";
import { ServerFacts, serverZone } from "../parts/server-facts.tsx";
import { StatusShape } from "../parts/status.tsx";
import { Ago, At, Lasting } from "../parts/time.tsx";
import type { Html, Scene, View } from "../scene.ts";
import type { IncidentView } from "../source-incidents.ts";
import type { ProbeView, ServerView } from "../source-servers.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusedPage } from "./errors.tsx";

/** Incidents on this page; the rest is a link away. */
const INCIDENTS_SHOWN = 8;

const pathOf = (server: ServerView) => `/servers/${encodeURIComponent(server.id)}`;

function Head({ scene, server }: { readonly scene: Scene; readonly server: ServerView }): Html {
  const { texts, look } = scene;
  const zone = serverZone(scene, server);
  const incident = look.openIncidents.find(({ id }) => id === server.openIncidentId);
  return (
    <Fragment name="server-head">
      <div class={`server-status status-${server.status}`}>
        <StatusShape status={server.status} />
        <p aria-live="polite">
          <strong>{texts.status[server.status]}</strong>{" "}
          <span class="quiet">
            {texts.common.since} <At scene={scene} atMs={server.statusSinceMs} timeZone={zone} /> ·{" "}
            <Lasting scene={scene} fromMs={server.statusSinceMs} toMs={null} />
          </span>
          <span class="line quiet">
            {server.mode === "agent" ? texts.server.lastHeartbeat : texts.server.lastAnswer}:{" "}
            {server.lastHeartbeatMs === null ? (
              texts.servers.never
            ) : (
              <Ago scene={scene} atMs={server.lastHeartbeatMs} timeZone={zone} />
            )}
          </span>
        </p>
      </div>
      <MarkSentences scene={scene} server={server} />
      {incident ? <IncidentCard scene={scene} incident={incident} heading="h2" /> : null}
      {server.status === "new" && server.mode === "agent" ? (
        <div class="message message-hint">
          <p>
            <strong>{texts.server.notYet}</strong> {texts.server.notYetHint}
          </p>
          {roleIncludes(scene.role, "operator") ? (
            <ActButton action={`${pathOf(server)}/enroll`} kind="primary">
              {texts.add.create}
            </ActButton>
          ) : null}
        </div>
      ) : null}
    </Fragment>
  );
}

function HealthPart({ scene, server }: { readonly scene: Scene; readonly server: ServerView }): Html {
  const { texts } = scene;
  return (
    <Fragment name="server-health">
      <section class="panel" aria-labelledby="server-health-title">
        <div class="panel-head">
          <h2 id="server-health-title">{texts.server.health}</h2>
          {server.health ? (
            <p class="quiet">
              <Ago scene={scene} atMs={server.health.atMs} timeZone={serverZone(scene, server)} />
            </p>
          ) : null}
        </div>
        {server.health ? (
          <Health scene={scene} health={server.health} />
        ) : (
          <p class="quiet">{server.mode === "ping" ? texts.server.noHealthPing : texts.server.noHealth}</p>
        )}
      </section>
    </Fragment>
  );
}

function ProbesPart({ scene, server }: { readonly scene: Scene; readonly server: ServerView }): Html {
  const { texts } = scene;
  return (
    <Fragment name="server-probes">
      <section class="panel" aria-labelledby="server-probes-title">
        <h2 id="server-probes-title">{texts.server.probes}</h2>
        {server.probes.length > 0 ? (
          <ProbeList scene={scene} probes={server.probes} />
        ) : (
          <p class="quiet">{server.address === null ? texts.server.noAddress : texts.server.noProbes}</p>
        )}
      </section>
    </Fragment>
  );
}

/** What happened to it and is no incident: the answer to "what did it do last week". */
function LogPart({ scene, server }: { readonly scene: Scene; readonly server: ServerView }): Html {
  const { serverLog } = scene.texts;
  const entries = scene.source.serverLog(server.id);
  const zone = serverZone(scene, server);
  return (
    <Fragment name="server-log">
      <section class="panel" aria-labelledby="server-log-title">
        <h2 id="server-log-title">{serverLog.title}</h2>
        {entries.length === 0 ? (
          <p class="quiet">{serverLog.empty}</p>
        ) : (
          <ul class="server-log">
            {entries.map((entry) => (
              <li>
                <At scene={scene} atMs={entry.atMs} timeZone={zone} />
                <span>{logSentence(scene, entry)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </Fragment>
  );
}

async function IncidentsPart({
  scene,
  server,
}: {
  readonly scene: Scene;
  readonly server: ServerView;
}): Promise<Awaited<Html>> {
  const { texts } = scene;
  const incidents: readonly IncidentView[] = await scene.source.incidents({
    serverId: server.id,
    limit: INCIDENTS_SHOWN,
  });
  return (
    <Fragment name="server-incidents">
      <section class="panel" aria-labelledby="server-incidents-title">
        <h2 id="server-incidents-title">{texts.server.incidents}</h2>
        {incidents.length > 0 ? (
          <>
            <ul class="incident-rows">
              {incidents.map((incident) => (
                <IncidentRow scene={scene} incident={incident} withServer={false} />
              ))}
            </ul>
            <p>
              <a href={`/incidents?server=${encodeURIComponent(server.id)}`}>{texts.server.allIncidents}</a>
            </p>
          </>
        ) : (
          <p class="quiet">{texts.server.noIncidents}</p>
        )}
      </section>
    </Fragment>
  );
}

export function serverView(id: string): View {
  return {
    key: `server ${id}`,
    names: [
      "server-head",
      "server-health",
      "server-probes",
      "server-log",
      "server-facts",
      "server-incidents",
    ],
    periodic: [],
    touched: (change, look) => {
      switch (change.topic) {
        case "heartbeat":
          return change.id === id ? ["server-head", "server-health"] : [];
        case "server":
          return change.id === id
            ? ["server-head", "server-health", "server-probes", "server-log", "server-facts"]
            : [];
        case "incident": {
          // An incident that has just closed is not in the look any more, so its server is not known here.
          const other = look.openIncidents.find((incident) => incident.id === change.id)?.serverId ?? id;
          return other === id ? ["server-head", "server-incidents"] : [];
        }
        case "site":
          return ["server-head", "server-facts"];
        case "recipient":
        case "route":
        case "notification":
        case "hearing":
          return [];
        case "maintenance":
          return ["server-head"];
      }
    },
    draw: (name, scene) => {
      const server = scene.look.server(id);
      if (!server) return null;
      switch (name) {
        case "server-head":
          return <Head scene={scene} server={server} />;
        case "server-health":
          return <HealthPart scene={scene} server={server} />;
        case "server-probes":
          return <ProbesPart scene={scene} server={server} />;
        case "server-log":
          return <LogPart scene={scene} server={server} />;
        case "server-facts":
          return <ServerFacts scene={scene} server={server} />;
        case "server-incidents":
          return <IncidentsPart scene={scene} server={server} />;
        default:
          return null;
      }
    },
  };
}

function Actions({ scene, server }: { readonly scene: Scene; readonly server: ServerView }): Html | null {
  const { texts } = scene;
  if (!roleIncludes(scene.role, "operator")) return null;
  const path = pathOf(server);
  return (
    <div class="actions server-actions">
      <ActButton action={`${path}/check`} kind={server.openIncidentId === null ? "primary" : "plain"}>
        {texts.server.check}
      </ActButton>
      <a class="button button-plain" href={`${path}/edit`}>
        {texts.common.edit}
      </a>
      <a class="button button-plain" href={`/maintenance?server=${encodeURIComponent(server.id)}`}>
        {texts.server.maintenance}
      </a>
      {server.status === "paused" ? (
        <ActButton action={`${path}/resume`}>{texts.server.resume}</ActButton>
      ) : (
        <ActButton action={`${path}/pause`}>{texts.server.pause}</ActButton>
      )}
      {server.mode === "agent" && server.status !== "new" ? (
        <ActButton action={`${path}/enroll`}>{texts.server.reinstall}</ActButton>
      ) : null}
      <a class="button button-danger" href={`${path}/remove`}>
        {texts.common.remove}…
      </a>
    </div>
  );
}

export function CheckResult({
  scene,
  probes,
}: {
  readonly scene: Scene;
  readonly probes: readonly ProbeView[];
}): Html {
  return (
    <section class="panel check-result" aria-labelledby="check-result-title" role="status">
      <h2 id="check-result-title">{scene.texts.incident.checkResult}</h2>
      {probes.length > 0 ? (
        <ProbeList scene={scene} probes={probes} />
      ) : (
        <p>{scene.texts.server.noAddress}</p>
      )}
      <p class="quiet">{scene.texts.incident.checkNote}</p>
    </section>
  );
}

function serverPage(
  visit: Visit,
  server: ServerView,
  checked: readonly ProbeView[] | null,
): Promise<Response> {
  const { scene } = visit;
  return page(visit, {
    title: server.name,
    view: serverView(server.id),
    viewPath: pathOf(server),
    content: (
      <>
        <div class="page-head">
          <h1>{server.name}</h1>
        </div>
        {checked ? <CheckResult scene={scene} probes={checked} /> : null}
        <Head scene={scene} server={server} />
        <Actions scene={scene} server={server} />
        <div class="columns">
          <div>
            <HealthPart scene={scene} server={server} />
            <IncidentsPart scene={scene} server={server} />
          </div>
          <div>
            <ProbesPart scene={scene} server={server} />
            <LogPart scene={scene} server={server} />
            <ServerFacts scene={scene} server={server} />
          </div>
        </div>
      </>
    ),
  });
}

/** The server that the path names, or null. */
export function serverOf(visit: Visit): ServerView | null {
  return visit.scene.look.server(visit.c.req.param("id") ?? "");
}

export function showServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  return server ? serverPage(visit, server, null) : notFoundPage(visit);
}

export async function checkServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  if (!server) return notFoundPage(visit);
  const result = await visit.panel.source.checkServer(server.id);
  return result.ok ? serverPage(visit, server, result.value) : refusedPage(visit, result.code);
}

export async function pauseServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  if (!server) return notFoundPage(visit);
  const result = await visit.panel.source.pauseServer(server.id, visit.session.user.username);
  return result.ok ? done(visit, "paused", pathOf(server)) : refusedPage(visit, result.code);
}

export async function resumeServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  if (!server) return notFoundPage(visit);
  const result = await visit.panel.source.resumeServer(server.id, visit.session.user.username);
  return result.ok ? done(visit, "resumed", pathOf(server)) : refusedPage(visit, result.code);
}
