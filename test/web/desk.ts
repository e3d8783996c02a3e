/**
 * A panel source over the core's own stage: what the panel is shown of the real core, and what it commands there.
 * Must not: judge anything; the tests do.
 */
import type { EventBody } from "../../collector/core/types/events.ts";
import type { ProbeRequest, ProbeVerdict } from "../../collector/core/types/evidence.ts";
import { createPanelSource } from "../../collector/panel-source.ts";
import { openMemoryStorage } from "../../collector/storage/memory.ts";
import type { Storage } from "../../collector/storage/storage.ts";
import type { PanelSource } from "../../web/source.ts";
import { resultOf } from "../core/records.ts";
import { createHearingStage, type Stage } from "../core/stage.ts";

export const MINUTE_MS = 60_000;

export interface Desk {
  readonly stage: Stage;
  readonly source: PanelSource;
  readonly asked: ProbeRequest[];
  /** What a probe by hand finds; default: `alive`. */
  readonly answers: Map<string, ProbeVerdict>;
  /** What the core archived since goes to the store, as the loop would have written it. */
  readonly archive: () => Promise<void>;
  readonly storage: Storage;
}

export function deskOf(stage: Stage): Desk {
  const storage = openMemoryStorage();
  const asked: ProbeRequest[] = [];
  const answers = new Map<string, ProbeVerdict>();
  const { source } = createPanelSource({
    state: stage.state,
    push: (event: EventBody) => Promise.resolve(stage.push(event).reply),
    storage,
    prober: {
      run: (requests) => {
        asked.push(...requests);
        return Promise.resolve(
          requests.map((request) => resultOf(request, answers.get(request.host) ?? "alive")),
        );
      },
    },
    now: () => stage.now.wallMs,
    announcementText: (message, language) => `${language} ${message.step} ${message.siteName ?? ""}`,
    system: () => ({
      version: "1",
      startedAtMs: 0,
      hearingUntilMs: null,
      store: { state: "ok", detail: null, notices: [] },
      telegram: { state: "off", detail: null, sinceMs: 0, botUsername: null },
      icmp: "ok",
    }),
  });
  return {
    stage,
    source,
    asked,
    answers,
    storage,
    archive: () =>
      storage.commit([...stage.archived].map(([key, value]) => ({ table: "archive", key, value }) as const)),
  };
}

/** Each server has its own: what a check asked is told by it. */
export const addressOf = (serverId: string) => `host-${serverId}`;

/** Three servers of one site and one of another, all heard, with a chat that is told. */
export function company(): Desk {
  const stage = createHearingStage();
  stage.link("a");
  for (const [siteId, ids] of Object.entries({ s: ["x", "y", "z"], t: ["w"] })) {
    stage.addSite(siteId, { gatewayAddress: `10.9.${siteId === "s" ? 1 : 2}.254` });
    for (const id of ids) {
      stage.add(id, { siteId, address: addressOf(id) });
      stage.playAgent(id, { features: ["journal"] });
    }
  }
  stage.pass(10 * MINUTE_MS);
  return deskOf(stage);
}
