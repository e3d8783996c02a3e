/**
 * Incidents: open, tell, change their kind.
 * Why here: an incident, its server's status and its outbox rows are one decision and so one commit (S5).
 * Must not: decide that a server is down (verdicts), what it is grouped under (groups) or who is reached when (outbox).
 */
import type { Draft } from "./draft.ts";
import { isWorse } from "./evidence.ts";
import type { Judgement } from "./evidence.ts";
import { countIncident } from "./flapping.ts";
import { hearingIn } from "./hearing.ts";
import { inMaintenance } from "./maintenance.ts";
import { messageOf } from "./messages.ts";
import { note, notTold, rowsOf, withLine } from "./outbox.ts";
import { refreshTold } from "./refresh.ts";
import { tellByRoutes, tellWorse } from "./telling.ts";
import type { Evidence, GroupFacts, Incident, NotifyReason } from "./types/incident.ts";
import type { Server } from "./types/registry.ts";
import type { Heard } from "./types/server.ts";

/** Open incidents of no single server, as this decision leaves them. */
export function sharedIncidents(draft: Draft): Incident[] {
  return living(draft, draft.state.derived.sharedIncidents, draft.openedShared);
}

/** Open incidents grouped under `groupId`, as this decision leaves them. */
export function membersOf(draft: Draft, groupId: string): Incident[] {
  return living(draft, draft.state.derived.membersOf.get(groupId), draft.opened).filter(
    (incident) => incident.groupedUnder === groupId,
  );
}

function living(draft: Draft, ids: ReadonlySet<string> | undefined, opened: readonly string[]): Incident[] {
  const found: Incident[] = [];
  for (const id of [...(ids ?? []), ...opened]) {
    const incident = draft.get("incident", id);
    if (incident && incident.endedWallMs === null) found.push(incident);
  }
  return found;
}

type Opening = Pick<
  Incident,
  "serverId" | "siteId" | "serverName" | "siteName" | "group" | "variant" | "goodbye"
> &
  Judgement & { readonly evidence: readonly Evidence[]; readonly startedCoreMs: number };

/** A new open incident with its first lines, not told to anybody yet. */
function begun(
  draft: Draft,
  opening: Opening,
  heard: Heard | undefined,
  groupedUnder: string | null,
): Incident {
  const { startedCoreMs } = opening;
  const meta = draft.meta();
  draft.put("meta", "", { ...meta, nextIncidentNumber: meta.nextIncidentNumber + 1 });
  let incident: Incident = {
    id: `i${meta.nextIncidentNumber}`,
    number: meta.nextIncidentNumber,
    kind: opening.kind,
    variant: opening.variant,
    serverId: opening.serverId,
    siteId: opening.siteId,
    serverName: opening.serverName,
    siteName: opening.siteName,
    groupedUnder,
    // The silence is measured; the wall clock may have been stepped meanwhile, so the start is counted back from now.
    startedWallMs: Math.round(draft.at.wallMs - Math.max(0, draft.nowMs - startedCoreMs)),
    startedCoreMs,
    detectedWallMs: draft.at.wallMs,
    detectedCoreMs: draft.nowMs,
    endedWallMs: null,
    endedCoreMs: null,
    closeReason: null,
    confidence: opening.confidence,
    cause: opening.cause,
    finalCause: null,
    evidence: opening.evidence,
    acknowledgedBy: null,
    timeline: [],
    minutes: null,
    bootIdBefore: heard?.bootId ?? null,
    agentStartedBootMsBefore: heard?.agentStartedBootMs ?? null,
    goodbye: opening.goodbye,
    group: opening.group,
    muted: false,
    quiet: null,
    checked: null,
    announcement: null,
    pursuits: [],
    causeDueCoreMs: null,
  };
  incident = withLine(incident, draft.at.wallMs, {
    type: "opened",
    kind: opening.kind,
    confidence: opening.confidence,
    cause: opening.cause,
  });
  for (const evidence of opening.evidence)
    incident = withLine(incident, draft.at.wallMs, { type: "evidence", evidence });
  draft.open(incident);
  draft.publish("incident", incident.id);
  return incident;
}

/** Opens the incident of a server: told by itself, or (`cover`) by the incident that stands for several. */
export function open(
  draft: Draft,
  server: Server,
  judgement: Judgement & { readonly variant: string | null },
  evidence: readonly Evidence[],
  cover: Incident | null,
): Incident {
  const heard = draft.get("heard", server.id);
  const detector = draft.get("detector", server.id);
  const site = server.siteId === null ? undefined : draft.get("site", server.siteId);
  // What the journal of an earlier outage said is over.
  draft.put("journal", server.id, null);
  const incident = begun(
    draft,
    {
      ...judgement,
      serverId: server.id,
      siteId: server.siteId,
      serverName: server.name,
      siteName: site?.name ?? "",
      goodbye: detector?.status === "planned" ? detector.reason : null,
      group: null,
      evidence,
      startedCoreMs: heard?.coreMs ?? draft.nowMs,
    },
    heard,
    cover?.id ?? null,
  );
  if (!cover) {
    tell(draft, incident.id, "first");
  } else {
    note(draft, incident.id, { type: "grouped", incidentId: cover.id, number: cover.number });
    notTold(draft, incident.id, null, "grouped");
    note(draft, cover.id, { type: "joined", serverName: server.name });
    draft.joined.add(cover.id);
  }
  return draft.get("incident", incident.id) ?? incident;
}

/** Opens an incident that stands for several servers, and tells it. */
export function openGroup(
  draft: Draft,
  judgement: Judgement & { readonly variant: string | null },
  group: GroupFacts,
  evidence: readonly Evidence[],
  startedCoreMs: number,
): Incident {
  const siteId = group.type === "site" ? (group.siteIds[0] ?? null) : null;
  const site = siteId === null ? undefined : draft.get("site", siteId);
  const incident = begun(
    draft,
    {
      ...judgement,
      serverId: null,
      siteId,
      serverName: "",
      siteName: site?.name ?? "",
      goodbye: null,
      group,
      evidence,
      startedCoreMs,
    },
    undefined,
    null,
  );
  tell(draft, incident.id, "first");
  return draft.get("incident", incident.id) ?? incident;
}

/** The collector itself is in trouble: one incident, of nobody's server. */
export function openTrouble(draft: Draft, variant: "uplink" | "network", evidence: Evidence): void {
  const incident = begun(
    draft,
    {
      kind: "collector_trouble",
      variant,
      confidence: "high",
      cause: "collector",
      serverId: null,
      siteId: null,
      serverName: "",
      siteName: "",
      goodbye: null,
      group: null,
      evidence: [evidence],
      startedCoreMs: Math.min(
        draft.nowMs,
        Math.max(draft.state.derived.newestBeatMs, draft.state.derived.newestProbedMs) || draft.nowMs,
      ),
    },
    undefined,
    null,
  );
  tell(draft, incident.id, "first");
}

/** Tells an open incident's outage, unless a window mutes it or its subject flaps. */
export function tell(draft: Draft, incidentId: string, reason: NotifyReason): void {
  const incident = draft.get("incident", incidentId);
  if (!incident) return;
  if (inMaintenance(draft, incident)) {
    draft.put("incident", incidentId, { ...incident, muted: true });
    return notTold(draft, incidentId, null, "maintenance");
  }
  if (!countIncident(draft, incident)) return notTold(draft, incidentId, null, "flapping");
  tellByRoutes(draft, incidentId, reason, messageOf(draft, incident, "down"));
}

/** Windows ended, or were removed: what is still down is told now. */
export function lookAtMuted(draft: Draft): void {
  // After a start or a gap it may have come back meanwhile: not told before it could be heard.
  const hearing = hearingIn(draft);
  for (const id of draft.state.derived.mutedIncidents) {
    const incident = draft.get("incident", id);
    // The collector's own trouble is that it cannot hear.
    if (hearing.state !== "hearing" && incident?.kind !== "collector_trouble") continue;
    if (!incident?.muted || incident.endedWallMs !== null || inMaintenance(draft, incident)) continue;
    if (draft.get("detector", incident.serverId ?? "")?.status === "recovering") continue;
    draft.put("incident", id, { ...incident, muted: false });
    // Grouped meanwhile: its group tells.
    if (incident.groupedUnder !== null) continue;
    tellByRoutes(draft, id, "maintenance_over", messageOf(draft, incident, "down"));
    draft.publish("incident", id);
  }
}

/** New evidence while it is down. Worse: told once more. Milder or equal: recorded. */
export function changeKind(
  draft: Draft,
  incidentId: string,
  judgement: Judgement & { readonly variant: string | null },
  evidence: readonly Evidence[],
): void {
  const before = draft.get("incident", incidentId);
  if (!before || before.endedWallMs !== null) return;
  if (before.kind === judgement.kind && before.variant === judgement.variant) return;
  const { kind, variant, confidence, cause } = judgement;
  const incident = withLine(
    {
      ...before,
      ...{ kind, variant, confidence, cause },
      evidence:
        evidence.length === 0
          ? before.evidence
          : [...before.evidence.filter((item) => item.type !== "probe"), ...evidence],
    },
    draft.at.wallMs,
    before.kind === kind
      ? { type: "variant_changed", from: before.variant, to: variant }
      : { type: "kind_changed", from: before.kind, to: kind },
  );
  draft.put("incident", incidentId, incident);
  draft.publish("incident", incidentId);
  refreshTold(draft, incidentId);
  if (!isWorse(before.kind, kind) || incident.groupedUnder !== null || incident.muted) return;
  if (inMaintenance(draft, incident)) return notTold(draft, incidentId, null, "maintenance");
  // Nobody was told of the outage because the server flaps: neither of its worsening.
  if (rowsOf(draft, incidentId).length === 0 && draft.state.derived.flapping.has(incident.serverId ?? ""))
    return;
  tellWorse(draft, draft.get("incident", incidentId) ?? incident);
}
