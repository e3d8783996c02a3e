/**
 * What a person needs to know, as data: of an incident, or of a server without one. Channels put it into words.
 * Why apart: incidents say what is so; this says what of it is told.
 * Must not: decide whether or whom to tell (outbox).
 */
import type { Draft } from "./draft.ts";
import type { Incident } from "./types/incident.ts";
import type { Server } from "./types/registry.ts";
import type { Message, Step } from "./types/telling.ts";

/** Servers that a message names; with 30 of 40 characters it stays far below a chat's 4,096. */
export const MEMBERS_NAMED_MAX = 30;

/** Place and address of a server (null: only a site, or nothing at all). */
function placeOf(
  draft: Draft,
  server: Pick<Server, "latitude" | "longitude"> | undefined,
  siteId: string | null,
): Pick<Message, "siteName" | "siteAddress" | "latitude" | "longitude" | "timeZone"> {
  const site = siteId === null ? undefined : draft.get("site", siteId);
  const own =
    server !== undefined && server.latitude !== null && server.longitude !== null ? server : undefined;
  const place = own ?? site;
  return {
    siteName: site?.name ?? null,
    siteAddress: site?.address || null,
    latitude: place?.latitude ?? null,
    longitude: place?.longitude ?? null,
    timeZone: site?.timeZone ?? draft.state.settings.timeZone,
  };
}

/** The message of one step of an incident. A group's members are named as they fell silent. */
export function messageOf(draft: Draft, incident: Incident, step: Step): Message {
  const { settings } = draft.state;
  const server = incident.serverId === null ? undefined : draft.server(incident.serverId);
  const place = placeOf(draft, server, server?.siteId ?? incident.siteId);
  const serverIds = incident.group?.serverIds ?? [];
  const members = serverIds.slice(0, MEMBERS_NAMED_MAX).map((id) => {
    const member = draft.server(id);
    const site = member?.siteId == null ? undefined : draft.get("site", member.siteId);
    return { serverName: member?.name ?? id, siteName: site?.name ?? "" };
  });
  return {
    step,
    incidentNumber: incident.number,
    kind: incident.kind,
    variant: incident.variant,
    serverName: incident.serverName,
    ...place,
    // Of a site that was removed the name is left.
    siteName: place.siteName ?? (incident.siteName || null),
    startedWallMs: incident.startedWallMs,
    detectedWallMs: incident.detectedWallMs,
    endedWallMs: incident.endedWallMs,
    durationMs:
      incident.endedCoreMs === null
        ? null
        : Math.round(Math.max(0, incident.endedCoreMs - incident.startedCoreMs)),
    confidence: incident.confidence,
    cause: incident.cause,
    finalCause: incident.finalCause,
    evidence: incident.evidence,
    members,
    memberCount: Math.max(1, serverIds.length),
    siteCount: Math.max(1, incident.group?.siteIds.length ?? 1),
    flapping: null,
    addresses: [],
    closeReason: incident.closeReason,
    handling: {
      acknowledgedBy: incident.acknowledgedBy,
      quiet: incident.quiet,
      checked: incident.checked,
      announced: incident.announcement !== null,
    },
    repeat: null,
    summary: null,
    lost: null,
    channel: null,
    panelUrl: settings.publicUrl === null ? null : `${settings.publicUrl}/incidents/${incident.id}`,
  };
}

/** A message about nobody's server: a drill, a lost recipient, how things are. */
export function emptyMessage(draft: Draft, step: Step): Message {
  const nowhere = { id: "", name: "", siteId: null, latitude: null, longitude: null };
  return { ...messageAbout(draft, nowhere, step), panelUrl: draft.state.settings.publicUrl };
}

/** A message about a server that has no incident of its own for it (never came, flapping, two machines). */
export function messageAbout(
  draft: Draft,
  server: Pick<Server, "id" | "name" | "siteId" | "latitude" | "longitude">,
  step: Step,
  facts: Partial<Pick<Message, "flapping" | "addresses" | "startedWallMs" | "kind">> = {},
): Message {
  const { publicUrl } = draft.state.settings;
  return {
    step,
    incidentNumber: 0,
    kind: "agent_down",
    variant: null,
    serverName: server.name,
    ...placeOf(draft, server, server.siteId),
    startedWallMs: draft.at.wallMs,
    detectedWallMs: draft.at.wallMs,
    endedWallMs: null,
    durationMs: null,
    confidence: "high",
    cause: "unknown",
    finalCause: null,
    evidence: [],
    members: [],
    memberCount: 1,
    siteCount: 1,
    flapping: null,
    addresses: [],
    closeReason: null,
    handling: { acknowledgedBy: null, quiet: null, checked: null, announced: false },
    repeat: null,
    summary: null,
    lost: null,
    channel: null,
    panelUrl: publicUrl && `${publicUrl}/servers/${server.id}`,
    ...facts,
  };
}
