/**
 * Witnesses: other agents that probe a silent server for us.
 * Why: "dead from here" may be our path; from elsewhere it may be alive.
 * Must not: ask about any address but a server's or its site's gateway, or let one witness decide anything (S12).
 */
import type { Draft } from "./draft.ts";
import { refusal } from "./draft.ts";
import { subjectOfRound } from "./round-ids.ts";
import type { Decision } from "./types/effects.ts";
import type { Event } from "./types/events.ts";
import type { ProbeRequest, WitnessReport } from "./types/evidence.ts";
import type { Server } from "./types/registry.ts";

/** Of other sites, and of the same one (detection.md). */
const WITNESSES_ELSEWHERE = 3;
const WITNESSES_SAME_SITE = 2;
/** Sites and servers looked at to find them: a round must not cost O(servers) when thousands fall silent. */
const SITES_LOOKED_AT = 24;
const SERVERS_LOOKED_AT = 8;

/** Asks witnesses to make the same round. Returns their server ids. */
export function askWitnesses(
  draft: Draft,
  server: Server,
  roundId: string,
  requests: readonly ProbeRequest[],
): string[] {
  // Many at once: everybody would ask everybody, and the answer is the same for all of them.
  if (draft.get("mass", "") !== undefined) return [];
  const gateway = server.siteId === null ? null : (draft.get("site", server.siteId)?.gatewayAddress ?? null);
  const asked: ProbeRequest[] = requests.filter((request) => request.kind !== "http");
  if (gateway) asked.push({ kind: "icmp", host: gateway, port: null });
  if (asked.length === 0) return [];
  const chosen = [...elsewhere(draft, server, roundId), ...sameSite(draft, server)];
  for (const id of chosen) {
    const sessionId = draft.get("heard", id)?.sessionId;
    if (sessionId == null) continue;
    draft.effect({
      type: "ask_witness",
      serverId: id,
      sessionId,
      roundId,
      requests: asked,
      timeLimitMs: draft.state.times.probeLimitMs,
    });
  }
  return chosen;
}

/** Different sites in turn, so that the same few are not asked each time. */
function elsewhere(draft: Draft, server: Server, roundId: string): string[] {
  const sites = [...draft.state.derived.serversOf.keys()];
  const chosen: string[] = [];
  const from = sites.length === 0 ? 0 : hash(roundId) % sites.length;
  for (let step = 0; step < Math.min(sites.length, SITES_LOOKED_AT); step += 1) {
    const siteId = sites[(from + step) % sites.length] as string;
    if (siteId === server.siteId) continue;
    const found = firstAble(draft, siteId, server.id, 1);
    chosen.push(...found);
    if (chosen.length >= WITNESSES_ELSEWHERE) break;
  }
  return chosen;
}

function sameSite(draft: Draft, server: Server): string[] {
  return server.siteId === null ? [] : firstAble(draft, server.siteId, server.id, WITNESSES_SAME_SITE);
}

function firstAble(draft: Draft, siteId: string, exceptId: string, count: number): string[] {
  const found: string[] = [];
  let looked = 0;
  for (const id of draft.state.derived.serversOf.get(siteId) ?? []) {
    if (id === exceptId) continue;
    looked += 1;
    if (looked > SERVERS_LOOKED_AT || found.length >= count) break;
    if (isAble(draft, id)) found.push(id);
  }
  return found;
}

function isAble(draft: Draft, serverId: string): boolean {
  const heard = draft.get("heard", serverId);
  return (
    heard !== undefined &&
    heard.connected &&
    !heard.ownHost &&
    heard.features.includes("witness") &&
    draft.nowMs - heard.coreMs <= draft.state.times.latelyMs &&
    draft.get("detector", serverId)?.status === "up"
  );
}

/** FNV-1a: spreads rounds over sites, the same on every machine. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

/** Keeps what a witness found, if it was asked in the newest round and speaks in its own session. */
export function witnessAnswered(draft: Draft, event: Extract<Event, { type: "witness_answered" }>): Decision {
  const targetId = subjectOfRound(event.roundId);
  const silence = draft.get("silence", targetId);
  const target = draft.server(targetId);
  const witness = draft.server(event.serverId);
  if (draft.get("heard", event.serverId)?.sessionId !== event.sessionId)
    return refusal("session_not_current");
  if (!silence || !target || !witness || !silence.witnessIds.includes(event.serverId)) return draft.done();
  const report: WitnessReport = {
    serverId: witness.id,
    serverName: witness.name,
    sameSite: witness.siteId !== null && witness.siteId === target.siteId,
    results: event.results,
  };
  const joined = (reports: readonly WitnessReport[]): readonly WitnessReport[] =>
    reports.some((other) => other.serverId === witness.id) ? reports : [...reports, report];
  if (silence.openRoundId === event.roundId) {
    draft.put("silence", targetId, { ...silence, witnesses: joined(silence.witnesses) });
    return draft.done();
  }
  const newest = silence.rounds.at(-1);
  if (newest?.roundId !== event.roundId) return draft.done();
  const rounds = [...silence.rounds.slice(0, -1), { ...newest, witnesses: joined(newest.witnesses) }];
  draft.put("silence", targetId, { ...silence, rounds });
  return draft.done();
}
