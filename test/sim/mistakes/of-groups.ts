/**
 * Mistakes about sites, parents and mass outages: who is covered, who is forgotten, and when a group ends.
 */
import { mistake, type Mistake } from "./mistake.ts";
import { backForAMoment, backJustThen, guestOfPatientHost, guestOfRemovedHost } from "./stories.ts";

const endings = "collector/core/group-endings.ts";
const groups = "collector/core/groups.ts";
const incidentEndings = "collector/core/incident-endings.ts";
const mass = "collector/core/mass.ts";

export const mistakesOfGroups: readonly Mistake[] = [
  mistake(
    "a site is down although one of its servers is heard",
    groups,
    '? detector.status === "up" || !failedTwice(draft, server)\n            : silentMs(draft, heard) < draft.state.times.latelyMs\n        )\n          return null;',
    '? detector.status === "up" || !failedTwice(draft, server)\n            : silentMs(draft, heard) < draft.state.times.latelyMs\n        )\n          break;',
  ),
  mistake(
    "a site is down although one of its servers is just coming back",
    groups,
    'case "recovering":\n        return null;',
    'case "recovering":\n        break;',
    backJustThen,
  ),
  mistake(
    "one silent server is its whole site",
    groups,
    'if (silent.length < 2) return gateway === "dead" ? silent.map((one) => one.server) : null;',
    'if (silent.length < 2) return gateway !== "alive" ? silent.map((one) => one.server) : null;',
  ),
  mistake(
    "servers that staff paused make their site silent",
    groups,
    'case "new":\n      case "planned":\n      case "paused":\n        break;',
    'case "new":\n      case "planned":\n        break;\n      case "paused":\n        silent.push({ server, atMs: heard?.coreMs ?? draft.nowMs });\n        break;',
  ),
  mistake(
    "everybody who falls joins an open mass outage",
    mass,
    "heard.coreMs >= fromCoreMs - times.probeEveryMs &&\n    heard.coreMs <= fromCoreMs + times.massWindowMs + times.probeEveryMs",
    "heard.coreMs >= fromCoreMs - times.probeEveryMs",
  ),
  mistake(
    "three servers of one site are a mass outage",
    "collector/core/thresholds.ts",
    "massSites: 2,",
    "massSites: 1,",
  ),
  {
    name: "a guest waits for its suspect parent however long that takes",
    edits: [
      {
        file: groups,
        was: "if (silent >= downAfterOf(server, settings) + times.holdMs) return false;",
        now: "",
      },
      {
        file: groups,
        was: "silentMs(draft, parentHeard) <= times.holdMs;",
        now: "silentMs(draft, parentHeard) <= Number.POSITIVE_INFINITY;",
      },
    ],
    story: guestOfPatientHost,
  },
  mistake(
    "guests of a host that is down are told one by one",
    groups,
    'if (detector?.status !== "down") continue;\n    const incident = draft.get("incident", detector.incidentId);\n    if (!incident) continue;',
    'if (detector?.status !== "down") continue;\n    const incident = draft.get("incident", detector.incidentId);\n    if (!incident || incident.number > 0) continue;',
  ),
  mistake(
    "who is still down when the group is over is forgotten",
    endings,
    "tellApart(\n    draft,",
    "if (draft.nowMs < 0) tellApart(\n    draft,",
  ),
  mistake(
    "a group is over at the first heartbeat, and everybody who is slower is told",
    "collector/core/times.ts",
    "settleMs: downAfterMs / 2,",
    "settleMs: 0,",
  ),
  mistake(
    "a group never ends while one of it is down",
    endings,
    "if (draft.nowMs - group.backCoreMs >= draft.state.times.settleMs) end(draft, incident, group, members);",
    "if (members.length === 0) end(draft, incident, group, members);",
  ),
  mistake(
    "a site that is silent again keeps the end that was near",
    endings,
    'if (group.backCoreMs !== null)\n      draft.put("incident", incident.id, { ...incident, group: { ...group, backCoreMs: null } });\n    return;',
    "return;",
    backForAMoment,
  ),
  mistake(
    "groups end also while the collector cannot hear",
    endings,
    '} else if (hearing.state === "hearing") {',
    '} else if (hearing.state !== "starting") {',
  ),
  mistake(
    "guests of a host that is back are never told by themselves",
    incidentEndings,
    "freeMembers(draft, incidentId, draft.state.times.settleMs);",
    "",
  ),
  mistake(
    "guests of a host that staff removed are never told by themselves",
    incidentEndings,
    "freeMembers(draft, incidentId, 0);",
    "",
    guestOfRemovedHost,
  ),
  mistake(
    "a recovered member that falls again during its group is told at once by itself",
    incidentEndings,
    "return group && group.endedWallMs === null ? null : draft.nowMs + draft.state.times.settleMs;",
    "return group ? draft.nowMs : draft.nowMs + draft.state.times.settleMs;",
  ),
  mistake(
    "the end of a site's outage is told by nobody",
    incidentEndings,
    "else if (incident.groupedUnder === null) {\n    enqueueRecovery(",
    "else if (incident.groupedUnder === null && incident.serverId !== null) {\n    enqueueRecovery(",
  ),
  mistake(
    "a grouped server is told as well",
    "collector/core/incidents.ts",
    'if (!cover) {\n    tell(draft, incident.id, "first");',
    'tell(draft, incident.id, "first");\n  if (!cover) {\n    void cover;',
  ),
  mistake(
    "a worsening of a grouped server is told by itself",
    "collector/core/incidents.ts",
    "if (!isWorse(before.kind, kind) || incident.groupedUnder !== null || incident.muted) return;",
    "if (!isWorse(before.kind, kind) || incident.muted) return;",
  ),
];
