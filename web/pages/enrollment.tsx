/**
 * A join token in use: the commands that carry it, and the page that turns green when the first heartbeat comes.
 * Must not: show a token twice, or promise an installer that is not there.
 */
import type { Context } from "hono";
import { publicUrlOf, type PanelParts } from "../context.ts";
import { page } from "../page.tsx";
import { Command } from "../parts/controls.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { StatusShape } from "../parts/status.tsx";
import { Ago, At } from "../parts/time.tsx";
import type { Html, Scene, View } from "../scene.ts";
import type { EnrollmentView } from "../source.ts";
import type { ServerView } from "../source-servers.ts";
import type { Visit } from "../visit.ts";
import { notFoundPage, refusedPage } from "./errors.tsx";
import { serverOf } from "./server.tsx";

// ── The commands ─────────────────────────────────────────────────────────────────────────────────────

export interface EnrollCommands {
  readonly linux: string;
  readonly windows: string;
  readonly source: string;
}

/** What to run on the server. Address and token hold no character that a shell would read. */
export function enrollCommands(panel: PanelParts, c: Context, token: string): EnrollCommands {
  const options = `--collector ${publicUrlOf(panel, c)} --token ${token}`;
  return {
    linux: `sudo detak-agent enroll ${options} && sudo detak-agent run`,
    // PowerShell 5, the one on every Windows, has no &&.
    windows: `detak-agent.exe enroll ${options}; if ($?) { detak-agent.exe run }`,
    source: `node dist/agent.cjs enroll ${options} && node dist/agent.cjs run`,
  };
}

function isLoopback(url: string): boolean {
  return /^https?:\/\/(localhost|127\.|\[::1\])/i.test(url);
}

// ── Waiting for the first heartbeat ──────────────────────────────────────────────────────────────────

/** What the waiting page waits for: one known server, or whoever enrolls from then on. */
export interface Waiting {
  readonly serverId: string | null;
  readonly siteId: string | null;
  readonly sinceMs: number;
}

export function waitingOf(parameters: URLSearchParams): Waiting | null {
  const sinceMs = Number(parameters.get("since") ?? "");
  if (!Number.isSafeInteger(sinceMs) || sinceMs <= 0) return null;
  return { sinceMs, serverId: parameters.get("server") || null, siteId: parameters.get("site") || null };
}

function waitingPath({ serverId, siteId, sinceMs }: Waiting): string {
  const parameters = new URLSearchParams({ since: String(sinceMs) });
  if (serverId !== null) parameters.set("server", serverId);
  if (siteId !== null) parameters.set("site", siteId);
  return `/servers/add/waiting?${parameters.toString()}`;
}

function enrolledSince(scene: Scene, { serverId, siteId, sinceMs }: Waiting): ServerView[] {
  return scene.look.servers
    .filter((server) => server.agent !== null && server.agent.enrolledAtMs >= sinceMs)
    .filter((server) =>
      serverId === null ? siteId === null || server.siteId === siteId : server.id === serverId,
    )
    .sort((a, b) => (b.agent?.enrolledAtMs ?? 0) - (a.agent?.enrolledAtMs ?? 0));
}

function WaitingState({ scene, waiting }: { readonly scene: Scene; readonly waiting: Waiting }): Html {
  const { add } = scene.texts;
  const enrolled = enrolledSince(scene, waiting);
  const heard = enrolled.filter(
    ({ status, lastHeartbeatMs }) => status !== "new" && (lastHeartbeatMs ?? 0) >= waiting.sinceMs,
  );
  const [first] = heard;
  const [expected] = enrolled;
  return (
    <Fragment name="waiting">
      <div class={`waiting ${first ? "waiting-arrived" : ""}`} role="status">
        <StatusShape status={first ? "up" : "new"} />
        <div>
          <p class="waiting-title">
            {first
              ? heard.length > 1
                ? add.arrivedMany(heard.length)
                : add.arrived(first.name)
              : expected
                ? add.enrolledOnly(expected.name)
                : add.waiting}
          </p>
          <p class="quiet">
            {first ? (
              <>
                {add.arrivedHint} <Ago scene={scene} atMs={first.lastHeartbeatMs ?? waiting.sinceMs} />
              </>
            ) : (
              add.waitingHint
            )}
          </p>
          <div class="actions">
            {first ? (
              <a class="button button-primary" href={`/servers/${encodeURIComponent(first.id)}`}>
                {add.openServer}
              </a>
            ) : (
              <a class="quiet-link" href={waitingPath(waiting)}>
                {add.waitingNoScript}
              </a>
            )}
          </div>
        </div>
      </div>
    </Fragment>
  );
}

export function waitingView(waiting: Waiting): View {
  return {
    key: waitingPath(waiting),
    names: ["waiting"],
    periodic: [],
    touched: (change) => (change.topic === "server" || change.topic === "heartbeat" ? ["waiting"] : []),
    draw: (_name, scene) => <WaitingState scene={scene} waiting={waiting} />,
  };
}

export function showWaiting(visit: Visit): Promise<Response> {
  const waiting = waitingOf(new URL(visit.c.req.url).searchParams);
  if (!waiting) return notFoundPage(visit);
  return page(visit, {
    title: visit.texts.add.title,
    view: waitingView(waiting),
    content: (
      <div class="narrow">
        <h1>{visit.texts.add.title}</h1>
        <WaitingState scene={visit.scene} waiting={waiting} />
      </div>
    ),
  });
}

// ── The page with the command ────────────────────────────────────────────────────────────────────────

/** Shows the token once, and waits for the agent that uses it. */
export function commandPage(visit: Visit, enrollment: EnrollmentView, waiting: Waiting): Promise<Response> {
  const { texts, scene } = visit;
  const { add } = texts;
  const commands = enrollCommands(visit.panel, visit.c, enrollment.token);
  return page(visit, {
    title: add.commandTitle,
    view: waitingView(waiting),
    viewPath: waitingPath(waiting),
    content: (
      <div class="narrow">
        <h1>{add.commandTitle}</h1>
        {isLoopback(publicUrlOf(visit.panel, visit.c)) ? (
          <p class="message message-hint">{add.loopbackNote}</p>
        ) : null}
        <Command label={add.linux} text={commands.linux} texts={texts} />
        <Command label={add.windows} text={commands.windows} texts={texts} />
        <Command label={add.source} text={commands.source} texts={texts} />
        <p class="quiet">
          {add.tokenLife} <At scene={scene} atMs={enrollment.expiresAtMs} />. {add.tokenOnce}{" "}
          {add.commandNote}
        </p>
        <WaitingState scene={scene} waiting={waiting} />
        <p class="page-foot">
          <a class="quiet-link" href="/servers/add">
            {add.another}
          </a>
        </p>
      </div>
    ),
  });
}

/** A new token for a server that is known already: its first agent, or another after a reinstallation. */
export async function enrollServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  if (!server) return notFoundPage(visit);
  const created = await visit.panel.source.createEnrollment({
    siteId: server.siteId,
    serverId: server.id,
    uses: 1,
    expiresInSeconds: 24 * 3_600,
  });
  if (!created.ok) return refusedPage(visit, created.code);
  return commandPage(visit, created.value, { serverId: server.id, siteId: null, sinceMs: visit.scene.nowMs });
}
