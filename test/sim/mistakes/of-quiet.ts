/**
 * Mistakes about what is deliberately not told: maintenance windows, flapping, two machines with one identity.
 */
import { mistake, type Mistake } from "./mistake.ts";
import { windowEndsInGrace } from "./stories.ts";

const duplicates = "collector/core/duplicates.ts";
const flapping = "collector/core/flapping.ts";
const incidents = "collector/core/incidents.ts";
const maintenance = "collector/core/maintenance.ts";

export const mistakesOfQuiet: readonly Mistake[] = [
  mistake(
    "a maintenance window mutes nothing",
    incidents,
    'if (inMaintenance(draft, incident)) {\n    draft.put("incident", incidentId, { ...incident, muted: true });',
    'if (inMaintenance(draft, incident) && incident.number < 0) {\n    draft.put("incident", incidentId, { ...incident, muted: true });',
  ),
  mistake(
    "what is still down when a window ends is not told",
    incidents,
    "if (!incident?.muted || incident.endedWallMs !== null || inMaintenance(draft, incident)) continue;",
    "if (!incident?.muted || incident.endedWallMs === null || inMaintenance(draft, incident)) continue;",
  ),
  mistake(
    "a window's end is told while the collector cannot hear",
    incidents,
    'if (hearing.state !== "hearing" && incident?.kind !== "collector_trouble") continue;',
    'if (hearing.state === "starting" && incident?.kind !== "collector_trouble") continue;',
    windowEndsInGrace,
  ),
  mistake(
    "the window of one server mutes its whole site",
    maintenance,
    "serverIds.length > 0 && serverIds.every((id) => isCovered(draft, id, draft.server(id)?.siteId ?? null))",
    "serverIds.length > 0 && serverIds.some((id) => isCovered(draft, id, draft.server(id)?.siteId ?? null))",
  ),
  mistake(
    "a window of one server mutes everybody",
    maintenance,
    "if (window.serverId !== null && window.serverId !== serverId) continue;",
    "",
  ),
  mistake(
    "a window that has not begun mutes already",
    maintenance,
    "if (wallMs < window.startsWallMs || wallMs >= window.endsWallMs) continue;",
    "if (wallMs >= window.endsWallMs) continue;",
  ),
  mistake(
    "a window never ends",
    maintenance,
    "if (wallMs < window.startsWallMs || wallMs >= window.endsWallMs) continue;",
    "if (wallMs < window.startsWallMs) continue;",
  ),
  mistake(
    "two incidents in an hour are flapping",
    flapping,
    "export const FLAPPING_INCIDENTS = 3;",
    "export const FLAPPING_INCIDENTS = 2;",
  ),
  mistake(
    "nobody ever flaps",
    flapping,
    "export const FLAPPING_INCIDENTS = 3;",
    "export const FLAPPING_INCIDENTS = 300;",
  ),
  mistake(
    "no digest tells what is down while it flaps",
    flapping,
    "if (record.nextDigestCoreMs > draft.nowMs) continue;",
    "if (record.nextDigestCoreMs > 0) continue;",
  ),
  mistake(
    "who flapped once flaps for ever",
    flapping,
    "if (open === null && draft.nowMs - newest >= FLAPPING_WINDOW_MS) {",
    "if (open === null && draft.nowMs - newest >= 1000 * FLAPPING_WINDOW_MS) {",
  ),
  mistake(
    "calm is told while it is still down",
    flapping,
    "if (open === null && draft.nowMs - newest >= FLAPPING_WINDOW_MS) {",
    "if (draft.nowMs - newest >= FLAPPING_WINDOW_MS / 60) {",
  ),
  mistake(
    "each outage of one that flaps is told as well",
    flapping,
    'if (record.sinceCoreMs !== null) {\n    draft.put("flapping", subject, record);\n    return false;',
    'if (record.sinceCoreMs !== null) {\n    draft.put("flapping", subject, record);\n    return true;',
  ),
  mistake(
    "two machines with one identity are not noticed",
    duplicates,
    "const cameBack = changed && before?.seen.some(same) === true;",
    "const cameBack = changed && before?.seen.some(same) === null;",
  ),
  mistake(
    "every reboot is taken for a second machine",
    duplicates,
    "const cameBack = changed && before?.seen.some(same) === true;",
    "const cameBack = changed;",
  ),
  mistake(
    "two machines are told again at each turn",
    duplicates,
    'const isTold = draft.get("serverLog", serverId)?.duplicate === true;',
    'const isTold = draft.get("serverLog", serverId)?.duplicate === null;',
  ),
];
