/**
 * Checks by hand: of a server, of an address that is not saved yet, of what an incident is about.
 * Why the same requests as a round of the core: what a check by hand says is what the core would see.
 * Must not: judge. What a check of an incident found is written down there, and decides nothing.
 */
import { requestsFor } from "./core/rounds.ts";
import type { State } from "./core/state.ts";
import type { Reply } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import type { ProbeRequest, ProbeResult } from "./core/types/evidence.ts";
import type { Evidence, Incident } from "./core/types/incident.ts";
import type { Server, Site } from "./core/types/registry.ts";
import { verdictOf } from "./core/evidence.ts";
import { evidenceView } from "./panel-incident-views.ts";
import { probeView } from "./panel-views.ts";
import type { Prober } from "./probe/prober.ts";
import type { PanelSource } from "../web/source.ts";

/** A person waits for at most 8 s; the rest of them is for writing it down. */
const CHECK_MS = 7_500;
/** Servers of a group that are asked: enough to tell a dead line from a dead machine, and no storm. */
const MEMBERS_ASKED_MAX = 5;

export interface CheckParts {
  readonly state: State;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly prober: Pick<Prober, "run">;
  readonly now: () => number;
}

export function createChecks({
  state,
  push,
  prober,
  now,
}: CheckParts): Pick<PanelSource, "checkServer" | "tryProbe" | "checkIncident"> {
  const { tables } = state;

  const asked = (requests: readonly ProbeRequest[]): Promise<ProbeResult[]> =>
    requests.length === 0 ? Promise.resolve([]) : prober.run(requests, CHECK_MS);
  const tried = async (target: Parameters<typeof requestsFor>[0]) =>
    ({ ok: true, value: (await asked(requestsFor(target))).map(probeView) }) as const;

  /** All at once, in one run of the prober: a group takes no longer than a server. */
  const found = async ({ gateways, servers }: Subjects): Promise<Evidence[]> => {
    const ofGateways = gateways.flatMap(({ gatewayAddress: host }): ProbeRequest[] =>
      host === null ? [] : [{ kind: "icmp", host, port: null }],
    );
    const results = await asked([...ofGateways, ...servers.flatMap(requestsFor)]);
    const wallMs = now();
    return results.map((result, index) =>
      index < ofGateways.length ? gatewayEvidence(result, wallMs) : probeEvidence(result, wallMs),
    );
  };

  return {
    async checkServer(id) {
      const server = tables.server.get(id);
      return server ? tried(server) : { ok: false, code: "server_not_found" };
    },
    tryProbe: tried,
    async checkIncident(id, by) {
      const subjects = subjectsOf(state, tables.incident.get(id));
      if (typeof subjects === "string") return { ok: false, code: subjects };
      const evidence = await found(subjects);
      const reply = await push({ type: "incident_checked", incidentId: id, by, evidence });
      return reply.ok ? { ok: true, value: evidence.map(evidenceView) } : reply;
    },
  };
}

interface Subjects {
  readonly gateways: readonly Site[];
  readonly servers: readonly Server[];
}

/** What there is to ask about an incident; a code: nothing, and why. */
function subjectsOf(state: State, incident: Incident | undefined): Subjects | string {
  if (!incident) return "incident_not_found";
  if (incident.endedWallMs !== null) return "incident_closed";
  const { tables } = state;
  if (incident.serverId !== null) {
    const server = tables.server.get(incident.serverId);
    return server ? { gateways: [], servers: [server] } : "server_not_found";
  }
  if (incident.group === null) return "nothing_to_check";
  const servers = membersToAsk(state, incident);
  // Of a branch its own gateway, also when no server of it is left to ask.
  const siteIds =
    incident.group.type === "site"
      ? incident.group.siteIds
      : [...new Set(servers.flatMap(({ siteId }) => siteId ?? []))];
  return { servers, gateways: siteIds.flatMap((siteId) => tables.site.get(siteId) ?? []) };
}

/** Those that are not back first; of several sites one each, before a second of the same. */
function membersToAsk(state: State, incident: Incident): Server[] {
  const { tables, derived } = state;
  const away = new Set<string>();
  for (const id of derived.membersOf.get(incident.id) ?? []) {
    const member = tables.incident.get(id);
    if (member?.serverId != null && member.endedWallMs === null) away.add(member.serverId);
  }
  const nth = new Map<string | null, number>();
  return (incident.group?.serverIds ?? [])
    .flatMap((id) => tables.server.get(id) ?? [])
    .map((server) => {
      const group = `${String(away.has(server.id))} ${server.siteId ?? ""}`;
      const turn = nth.get(group) ?? 0;
      nth.set(group, turn + 1);
      return { server, isBack: !away.has(server.id), turn };
    })
    .sort((a, b) => Number(a.isBack) - Number(b.isBack) || a.turn - b.turn)
    .slice(0, MEMBERS_ASKED_MAX)
    .map(({ server }) => server);
}

function gatewayEvidence(result: ProbeResult, wallMs: number): Evidence {
  return { type: "gateway", address: result.target, verdict: verdictOf({ results: [result] }), wallMs };
}

function probeEvidence(result: ProbeResult, wallMs: number): Evidence {
  return { type: "probe", from: "collector", by: null, result, wallMs };
}
