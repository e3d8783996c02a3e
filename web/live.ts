/**
 * Live pages: what changed is drawn by the page's own fragments and sent over server-sent events.
 * How: a change marks fragments of the open pages; a moment later each marked fragment is drawn once for all who see the
 * same (view, language, role) and sent to each. Every message carries its position in the stream of changes; a page says
 * from which position it comes, so nothing between drawing and connecting, or during a lost connection, is missed.
 * Must not: let a slow reader hold memory (what it still has to get is a set of names, never a queue of pages), or keep a
 * connection whose session is over.
 */
import type { Context } from "hono";
import { streamSSE, type SSEStreamingApi } from "hono/streaming";
import { createHash } from "node:crypto";
import { sessionAt, touchSession, type Session } from "./auth/sessions.ts";
import { createChangeLog, createDrawClock, createDrawings } from "./live-drawing.ts";
import { lookAt, type Look } from "./look.ts";
import { NOTICES } from "./parts/notices.tsx";
import type { View } from "./scene.ts";
import type { Change, Language, PanelSource } from "./source.ts";

export const liveLimits = {
  /** Open pages at once; the next one gets 503. The budget is 200; each costs a socket and a few kB. */
  connectionsMax: 1_000,
  /** From the first change to its drawing: gathers a burst (incident, status and outbox are one commit, three changes). */
  gatherMs: 80,
  /** Between two drawings: two a second is live for an eye, and bounds the work in a mass outage. */
  drawIntervalMs: 400,
  /** Heartbeats only move ages and bars: once a second is plenty. */
  heartbeatDrawMs: 900,
  /** Changes that can be caught up on; a page that comes from before is drawn anew as a whole. */
  changesKept: 2_000,
  /** A sign of life, so that both ends notice a dead connection; proxies cut idle ones after 30–60 s. */
  pingMs: 15_000,
  /** A reader that took nothing for this long is gone; it will connect again. */
  stuckMs: 60_000,
  /** How often the fragments that no change announces are looked at. */
  periodicMs: 5_000,
} as const;

interface Watcher {
  readonly view: View;
  readonly language: Language;
  readonly session: Session;
  readonly stream: SSEStreamingApi;
  /** What this page must still get. */
  readonly due: Set<string>;
  /** Fragment → hash of what was last sent, so that equal drawings are not sent again. */
  readonly sent: Map<string, string>;
  /** Since when a message is on its way (the next waits for it); null: none is. */
  busySinceMs: number | null;
  readonly end: () => void;
}

export interface ConnectInput {
  readonly view: View;
  readonly language: Language;
  readonly session: Session;
  /** The position the page was drawn at, or of the last message it got. */
  readonly since: string | null;
}

export interface LiveHub {
  /** Where the stream of changes stands now; goes into each page. */
  position(): string;
  /** The answer to GET /live; null: too many are open. */
  connect(c: Context, input: ConnectInput): Response | null;
  /** Ends every connection. Idempotent. */
  close(): void;
}

export interface LiveSettings {
  readonly now: () => number;
  readonly randomId: () => string;
  readonly onError: (error: unknown, route: string) => void;
}

export function createLiveHub(source: PanelSource, settings: LiveSettings): LiveHub {
  const log = createChangeLog(settings.randomId().slice(0, 8), liveLimits.changesKept);
  const watchers = new Set<Watcher>();
  /** Not yet marked on the watchers, by topic and id: many heartbeats of one server are one entry. */
  let unmarked = new Map<string, Change>();
  /** The look at the last drawing. */
  let before: Look | null = null;
  let drawing = false;
  let closed = false;

  const clock = createDrawClock(liveLimits.drawIntervalMs, () => void draw());

  const unsubscribe = source.subscribe((change) => {
    log.add(change);
    if (watchers.size === 0) return;
    unmarked.set(`${change.topic} ${change.id}`, change);
    clock.drawWithin(change.topic === "heartbeat" ? liveLimits.heartbeatDrawMs : liveLimits.gatherMs);
  });

  const markChanges = (watcher: Watcher, changes: Iterable<Change>, look: Look) => {
    for (const change of changes) {
      for (const name of watcher.view.touched(change, look, before ?? look)) watcher.due.add(name);
      if (change.topic !== "heartbeat") watcher.due.add(NOTICES);
    }
  };

  const send = async (
    watcher: Watcher,
    position: string,
    drawn: (name: string) => Promise<string | null>,
  ) => {
    watcher.busySinceMs = performance.now();
    try {
      const names = [...watcher.due];
      watcher.due.clear();
      const fragments: { readonly name: string; readonly html: string | null }[] = [];
      for (const name of names) {
        const html = await drawn(name);
        const hash = createHash("sha1")
          .update(html ?? "")
          .digest("base64");
        if (watcher.sent.get(name) === hash) continue;
        watcher.sent.set(name, hash);
        fragments.push({ name, html });
      }
      if (fragments.length > 0)
        await watcher.stream.writeSSE({ id: position, event: "fragments", data: JSON.stringify(fragments) });
    } catch (error) {
      // A fragment that can not be drawn must not stop the others; the person still has the last good one.
      settings.onError(error, "GET /live");
    } finally {
      watcher.busySinceMs = null;
      if (watcher.due.size > 0) clock.drawWithin(liveLimits.drawIntervalMs);
    }
  };

  /** Marks, draws each equal fragment once, hands out. A slow reader is left alone until it has taken its message. */
  const draw = async (): Promise<void> => {
    if (closed || watchers.size === 0) return;
    if (drawing) {
      clock.drawWithin(liveLimits.gatherMs);
      return;
    }
    drawing = true;
    try {
      const look = lookAt(source, settings.now());
      const changes = [...unmarked.values()];
      unmarked = new Map();
      for (const watcher of watchers) markChanges(watcher, changes, look);
      before = look;
      const drawings = createDrawings(source, look, settings.now());
      const position = log.position();
      for (const watcher of watchers)
        if (watcher.busySinceMs === null && watcher.due.size > 0)
          void send(watcher, position, (name) =>
            drawings.draw(
              { view: watcher.view, language: watcher.language, role: watcher.session.user.role },
              name,
            ),
          );
      await drawings.finished();
    } finally {
      drawing = false;
    }
  };

  /** Keeps what lives honest: ends what is over, tells the rest that it lives. */
  const ping = async (watcher: Watcher): Promise<void> => {
    const session = sessionAt(source, watcher.session.key, settings.now());
    if (session?.user.role !== watcher.session.user.role) {
      // Logged out elsewhere, expired, or another role: the page asks again and gets what is right.
      void watcher.stream.writeSSE({ event: "gone", data: "session" });
      watcher.end();
      return;
    }
    if (watcher.busySinceMs !== null) {
      if (performance.now() - watcher.busySinceMs > liveLimits.stuckMs) watcher.end();
      return;
    }
    await touchSession(source, session.key, settings.now());
    await watcher.stream.writeSSE({ event: "ping", data: String(settings.now()) });
  };

  const pingTimer = setInterval(() => {
    for (const watcher of watchers) void ping(watcher);
  }, liveLimits.pingMs).unref();
  const periodicTimer = setInterval(() => {
    for (const watcher of watchers)
      for (const name of [NOTICES, ...watcher.view.periodic]) watcher.due.add(name);
    if (watchers.size > 0) clock.drawWithin(0);
  }, liveLimits.periodicMs).unref();

  return {
    position: log.position,
    connect: (c, { view, language, session, since }) => {
      if (closed || watchers.size >= liveLimits.connectionsMax) return null;
      const response = streamSSE(c, async (stream) => {
        await new Promise<void>((resolve) => {
          const watcher: Watcher = {
            view,
            language,
            session,
            stream,
            due: new Set(),
            sent: new Map(),
            busySinceMs: null,
            end: () => {
              watchers.delete(watcher);
              resolve();
            },
          };
          stream.onAbort(watcher.end);
          const missed = since === null ? null : log.after(since);
          const look = lookAt(source, settings.now());
          if (watchers.size === 0) before = look;
          if (missed) markChanges(watcher, missed, look);
          else for (const name of [NOTICES, ...view.names]) watcher.due.add(name);
          watchers.add(watcher);
          // The first message says that it lives; the page shows "live" from here on.
          void stream.writeSSE({ event: "ping", data: String(settings.now()), retry: 3_000 });
          if (watcher.due.size > 0) clock.drawWithin(0);
        });
      });
      // Proxies must not gather what is meant to be seen now.
      response.headers.set("X-Accel-Buffering", "no");
      response.headers.set("Cache-Control", "no-store, no-transform");
      return response;
    },
    close: () => {
      closed = true;
      unsubscribe();
      clock.close();
      clearInterval(pingTimer);
      clearInterval(periodicTimer);
      for (const watcher of [...watchers]) watcher.end();
    },
  };
}
