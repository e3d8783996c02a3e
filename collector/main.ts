/**
 * The composition root: wires storage, loop, ingest, prober, channels and panel, and takes them down again.
 * Why: the only file that imports every side; no room knows another.
 * Must not: decide anything about servers; every fact goes through the loop.
 */
import type { RequestListener } from "node:http";
import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { nanoid } from "nanoid";
import type { Logger } from "pino";
import { createClock, hostBootId } from "./clock.ts";
import { runCollector, type Collector } from "./command.ts";
import type { Config } from "./config.ts";
import { applySnapshot } from "./core/apply.ts";
import { clockOf, hearingOf } from "./core/hearing.ts";
import { createState } from "./core/state.ts";
import type { State } from "./core/state.ts";
import type { Reply } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import { startDeadman } from "./deadman.ts";
import { createEffectPerformer } from "./effects.ts";
import { loadOrCreateCollectorKeys } from "./ingest/keys.ts";
import { closeServer, listen, localUrl, serverFor } from "./http.ts";
import { attachIngest } from "./ingest/server.ts";
import { createLoop } from "./loop.ts";
import { writeOwnAgentToken } from "./own-agent.ts";
import { createPanelSource } from "./panel-source.ts";
import { createProber } from "./probe/prober.ts";
import { createSentinels } from "./probe/sentinels.ts";
import { announcementText, startTelling } from "./start-telling.ts";
import { openLowdbStorage } from "./storage/lowdb.ts";
import { collectorVersion } from "./version.ts";
import { ensureAdmin, ensureSetupLink } from "../web/auth/first-admin.ts";
import { loadAssets } from "../web/assets.ts";
import { createPanel } from "../web/panel.tsx";
import type { PanelSource } from "../web/source.ts";

/** A start that the store refused is tried again after this. */
const START_RETRY_MS = 1_000;

/** Takes down what one step put up. */
type Undo = () => unknown;

/**
 * Starts everything. Rejects with StoreError, CollectorKeyError or the listening server's error; what was begun is taken
 * down again first.
 */
async function startCollector(
  config: Config,
  log: Logger,
  onBug: (error: unknown) => void,
): Promise<Collector> {
  const undo: Undo[] = [];
  try {
    return await wired(config, log, onBug, undo);
  } catch (error) {
    await takeDown(undo);
    throw error;
  }
}

async function takeDown(undo: Undo[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

async function wired(
  config: Config,
  log: Logger,
  onBug: (error: unknown) => void,
  undo: Undo[],
): Promise<Collector> {
  const startedAtMs = Date.now();
  const storage = await openLowdbStorage({
    directory: config.dataDirectory,
    laterFlushMs: Math.min(5_000, config.heartbeatIntervalMs / 3),
    onNotice: (notice) => log.warn({ event: "store_notice" }, notice),
  });
  undo.push(() => storage.close());
  const keys = await loadOrCreateCollectorKeys(config.dataDirectory);
  const state = createState({
    heartbeatIntervalMs: config.heartbeatIntervalMs,
    downAfterMs: config.downAfterMs,
    language: config.language,
    timeZone: config.timeZone,
    publicUrl: config.publicUrl,
  });
  applySnapshot(state, await storage.load());

  const assets = await loadAssets(builtAssets());

  // From here to `begun` nothing is awaited, so no event is decided before everything that performs effects is there.
  const { prober, sentinels, icmp } = startProbing(config, undo);
  const clock = createClock();
  const loop = createLoop({
    state,
    storage,
    clock,
    perform: (effect) => perform(effect),
    onStoreChange: (error) =>
      error === null
        ? log.info({ event: "store_works" }, "the store takes changes again")
        : log.error(
            { event: "store_fails", error },
            "the store does not take changes; nothing is lost, trying again",
          ),
    onBug,
  });
  undo.push(() => loop.close());
  const push = (event: EventBody): Promise<Reply> => loop.push(event);

  const { source, announce } = createPanelSource({
    state,
    push,
    storage,
    prober,
    now: Date.now,
    announcementText,
    system: () => {
      const health = telegram.channel.health();
      return {
        version: collectorVersion,
        startedAtMs,
        hearingUntilMs: hearingUntilMs(state),
        store: {
          state: loop.storeError === null ? "ok" : "failing",
          detail: loop.storeError,
          notices: storage.notices,
        },
        telegram: {
          state: health.state,
          detail: health.detail,
          sinceMs: health.sinceWallMs,
          botUsername: telegram.botUsername(),
        },
        icmp: icmp(),
      };
    },
  });
  const { telegram, worker } = startTelling({ config, log, state, storage, push, clock, source }, undo);
  const panel = createPanel({
    source,
    assets,
    options: {
      version: collectorVersion,
      apiToken: config.apiToken,
      trustProxy: config.trustProxy,
      secureCookies: config.tls !== null,
      onError: (error, route) => log.error({ event: "panel_error", route, err: error }, "a page failed"),
    },
  });
  undo.push(() => panel.close());

  const server = serverFor(config, requestListener(panel.app.fetch));
  // Before ingest's, so that it is taken down after it: open sockets would keep the server from closing.
  undo.push(() => closeServer(server));
  const ingest = attachIngest(
    server,
    keys,
    {
      push,
      findAgent: (publicKey) => {
        const serverId = state.derived.serverByAgentKey.get(publicKey);
        return serverId === undefined ? null : { serverId };
      },
      findEnrollment: (id) => state.tables.enrollment.get(id) ?? null,
      heartbeatIntervalMs: config.heartbeatIntervalMs,
      log: (level, event, fields) => log[level]({ event, ...fields }, event),
    },
    { trustProxy: config.trustProxy },
  );
  undo.push(() => ingest.close());

  const perform = createEffectPerformer({
    state,
    push,
    ingest,
    prober,
    sentinels,
    worker,
    announce,
    log,
    now: () => performance.now(),
  });

  await begun(push);
  loop.start();
  if (config.deadmanUrl !== null) {
    const stop = startDeadman(
      config.deadmanUrl,
      () => loop.storeError === null && hearingOf(state).state === "hearing",
      (error) => log.warn({ event: "deadman_failed", error }, "the dead man's address did not answer"),
    );
    undo.push(stop);
  }

  const notices = [...storage.notices, ...(await firstAdmin(config, source))];
  const setupToken = await ensureSetupLink(source, () => nanoid(32));
  // Last of all: whoever gets an answer finds everything in its place.
  await listen(server, config);
  if (config.ownAgentTokenFile !== null) await writeOwnAgentToken(config.ownAgentTokenFile, push, Date.now());
  return {
    url: localUrl(config, server),
    setupPath: setupToken === null ? null : `/setup/${setupToken}`,
    notices,
    close: () => takeDown(undo),
  };
}

/** What asks the world; `icmp` says whether this machine can ping. */
function startProbing(config: Config, undo: Undo[]) {
  const prober = createProber({
    now: () => performance.now(),
    // Who wants nobody outside to be asked wants no controls either.
    ...(config.sentinels === "none" ? { controlAddresses: [] } : {}),
  });
  undo.push(() => prober.close());
  const sentinels = createSentinels({
    list: config.sentinels,
    telegramApiRoot: config.telegramApiRoot,
    prober,
    now: () => performance.now(),
  });
  undo.push(() => sentinels.close());
  let icmp: "ok" | "no_program" | "no_permission" | "unknown" = "unknown";
  const lookAtIcmp = (): void => void prober.icmpAbility().then((ability) => (icmp = ability));
  lookAtIcmp();
  const icmpTimer = setInterval(lookAtIcmp, 60_000);
  undo.push(() => clearInterval(icmpTimer));
  return { prober, sentinels, icmp: () => icmp };
}

/**
 * Nothing is judged, and nobody is answered, before the start itself is durable: with a full disk that is tried again
 * until there is room (the log says so).
 */
async function begun(push: (event: EventBody) => Promise<Reply>): Promise<void> {
  const bootId = hostBootId();
  for (;;) {
    const reply = await push({ type: "collector_started", hostBootId: bootId, seed: randomInt(2 ** 31) });
    if (reply.ok) return;
    await delay(START_RETRY_MS);
  }
}

/** The first admin from the settings, if they name one. Returns what the operator should read. */
async function firstAdmin(config: Config, source: PanelSource): Promise<readonly string[]> {
  if (!config.admin) return [];
  const result = await ensureAdmin(source, { ...config.admin, now: Date.now, randomId: nanoid });
  if (result.outcome === "refused")
    return [
      `DETAK_ADMIN_USERNAME, DETAK_ADMIN_PASSWORD: refused (${String(result.problem)}); use the set-up link`,
    ];
  return result.problem === null
    ? []
    : ["DETAK_ADMIN_PASSWORD: shorter than 10 characters; please choose a longer one"];
}

/** The build puts them beside the program and says so; sources are served as they are. */
function builtAssets(): string | null {
  return process.env.DETAK_BUILT === "yes" ? fileURLToPath(new URL("assets", import.meta.url)) : null;
}

function hearingUntilMs(state: State): number | null {
  const hearing = hearingOf(state);
  if (hearing.state !== "grace" && hearing.state !== "drain") return null;
  return Date.now() + Math.max(0, hearing.untilCoreMs - clockOf(state).coreMs);
}

function requestListener(fetch: Parameters<typeof getRequestListener>[0]): RequestListener {
  const answer = getRequestListener(fetch);
  return (request, response) => void answer(request, response);
}

void runCollector(startCollector);
