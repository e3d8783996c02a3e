/**
 * Evidence, probes, causes and timeline entries as sentences.
 * Why strings: they are escaped where they are rendered, like every other hostile text (names, errors, notes).
 * Must not: judge; it says what the collector recorded.
 */
import { clockTime, number, shortMoment } from "../i18n/format.ts";
import { word } from "../i18n/language.ts";
import { spokenDuration } from "../islands/spoken-time.ts";
import type { Scene } from "../scene.ts";
import type { EvidenceView, IncidentView, JournalFindingView, TimelineView } from "../source-incidents.ts";
import type { ProbeView, ServerCheck, ServerLogView } from "../source-servers.ts";

/** What a program says first may be long; the version is enough. */
const BANNER_SHOWN_MAX = 60;

export function probeVerdict(scene: Scene, probe: ProbeView): string {
  const { texts, language } = scene;
  const verdict = word(texts.probeVerdict, probe.verdict);
  const expected =
    probe.asExpected === null
      ? ""
      : `, ${probe.asExpected ? texts.probeExpected.yes : texts.probeExpected.no}`;
  if (probe.roundTripMs === null || probe.verdict !== "alive") return verdict + expected;
  return `${verdict}, ${number(language, probe.roundTripMs, 1)} ms${expected}`;
}

/** Why: what the program said, the status it gave, or the machine word in words. */
export function probeDetail(scene: Scene, probe: ProbeView): string {
  const { texts } = scene;
  const status = /^status_(\d{3})$/.exec(probe.detail)?.[1];
  if (status !== undefined) return texts.probeStatus(status);
  if (probe.kind === "banner" && probe.detail === "connected")
    return probe.banner === null
      ? texts.probeMute
      : texts.probeBanner(probe.banner.slice(0, BANNER_SHOWN_MAX));
  return word(texts.probeDetail, probe.detail);
}

export function checkSentence(scene: Scene, check: ServerCheck): string {
  const { server } = scene.texts;
  return check.type === "tcp"
    ? server.checkTcp(check.port)
    : server.checkHttp(check.url, check.expectedStatus, check.expectedText);
}

function findingSentence(scene: Scene, finding: JournalFindingView): string {
  const { evidence, collectorReach } = scene.texts;
  switch (finding.type) {
    case "ran_all_along":
      return evidence.ranAllAlong;
    case "stopped_in_order":
      return evidence.stoppedInOrder;
    case "link_down":
      return evidence.linkDown;
    case "stood_still":
      return evidence.stoodStill(spokenDuration(scene.language, finding.forMs));
    case "slept":
      return evidence.slept(spokenDuration(scene.language, finding.forMs));
    case "gateway":
      return evidence.gatewayReached(finding.reached);
    case "internet":
      return evidence.internetReached(finding.reached);
    case "collector":
      return evidence.collectorReached(word(collectorReach, finding.problem));
  }
}

function sentinelSentence(scene: Scene, alive: readonly string[], failed: readonly string[]): string {
  const { evidence } = scene.texts;
  const said = [
    alive.length > 0 ? evidence.sentinelsAlive(alive.join(", ")) : "",
    failed.length > 0 ? evidence.sentinelsFailed(failed.join(", ")) : "",
  ].filter(Boolean);
  return said.join(" ") || evidence.sentinelsNone;
}

export function evidenceSentence(scene: Scene, evidence: EvidenceView, timeZone: string): string {
  const { texts, language } = scene;
  switch (evidence.type) {
    case "last_heard":
      return texts.evidence.lastHeard(
        clockTime(language, timeZone, evidence.atMs),
        spokenDuration(language, evidence.silentMs),
      );
    case "probe":
      return texts.evidence.probe(
        word(texts.probeKind, evidence.result.kind),
        {
          collector: () => texts.evidence.fromCollector,
          witness: () => texts.evidence.fromWitness(evidence.by),
          neighbour: () => texts.evidence.fromNeighbour(evidence.by),
        }[evidence.from](),
        evidence.result.target,
        probeVerdict(scene, evidence.result),
        probeDetail(scene, evidence.result),
      );
    case "gateway":
      return texts.evidence.gateway(evidence.address, word(texts.probeVerdict, evidence.verdict));
    case "sentinels":
      return sentinelSentence(scene, evidence.alive, evidence.failed);
    case "journal":
      return findingSentence(scene, evidence.finding);
    case "socket":
      return evidence.state === "open" ? texts.evidence.socketOpen : texts.evidence.socketClosed;
    case "reboot":
      if (evidence.clean === null) return texts.evidence.rebootUnknown;
      return evidence.clean ? texts.evidence.rebootClean : texts.evidence.rebootUnclean;
    case "agent_restarted":
      return texts.evidence.agentRestarted;
  }
}

/** Evidence that came to light afterwards: what a final cause rests on. */
export function provesCause(evidence: EvidenceView): boolean {
  return evidence.type === "journal" || evidence.type === "reboot" || evidence.type === "agent_restarted";
}

export function logSentence(scene: Scene, { what }: ServerLogView): string {
  const { serverLog, goodbyeReason } = scene.texts;
  switch (what.type) {
    case "rebooted":
      if (what.clean === null) return serverLog.rebooted;
      return what.clean ? serverLog.rebootedClean : serverLog.rebootedUnclean;
    case "agent_restarted":
      return serverLog.agentRestarted;
    case "goodbye":
      return serverLog.goodbye(word(goodbyeReason, what.reason));
    case "unstable_link":
      return serverLog.unstable(what.suspicions);
    case "duplicate":
      return serverLog.duplicate(what.addresses.join(", "));
    case "duplicate_over":
      return serverLog.duplicateOver(what.address);
    case "flapping":
      return serverLog.flapping(what.incidents);
    case "flapping_over":
      return serverLog.flappingOver(what.incidents);
  }
}

/** A kind, named by its variant where that has a name of its own. */
function kindName(scene: Scene, kind: string, variant: string | null): string {
  const { texts } = scene;
  const named = `${kind}/${variant ?? ""}`;
  return Object.hasOwn(texts.variant, named) ? word(texts.variant, named) : word(texts.kind, kind);
}

export function timelineSentence(
  scene: Scene,
  entry: TimelineView,
  incident: IncidentView,
  timeZone: string,
): string {
  const { texts } = scene;
  const { timeline } = texts;
  switch (entry.type) {
    case "opened":
      return timeline.opened(
        word(texts.kind, entry.kind),
        word(texts.cause, entry.cause),
        word(texts.confidence, entry.confidence),
      );
    case "kind_changed":
      return timeline.kindChanged(word(texts.kind, entry.from), word(texts.kind, entry.to));
    case "variant_changed":
      return timeline.kindChanged(
        kindName(scene, incident.kind, entry.from),
        kindName(scene, incident.kind, entry.to),
      );
    case "joined":
      return timeline.joined(entry.serverName);
    case "member_back":
      return timeline.memberBack(entry.serverName);
    case "grouped":
      return timeline.grouped(entry.number);
    case "ungrouped":
      return timeline.ungrouped(entry.number);
    case "cause_corrected":
      return timeline.causeCorrected(word(texts.cause, entry.from), word(texts.cause, entry.to));
    case "evidence":
      return evidenceSentence(scene, entry.evidence, timeZone);
    case "notify": {
      const reason = word(texts.notifyReason, entry.reason);
      return entry.send && entry.recipientName !== null
        ? timeline.notify(entry.recipientName, reason)
        : timeline.notNotify(entry.recipientName, reason);
    }
    case "delivered": {
      const step = word(texts.step, entry.step);
      return entry.repeat
        ? timeline.deliveredRepeat(step, entry.recipientName)
        : timeline.delivered(step, entry.recipientName);
    }
    case "delivery_failed":
      return timeline.deliveryFailed(word(texts.step, entry.step), entry.recipientName, entry.error);
    case "acknowledged":
      return timeline.acknowledged(entry.by);
    case "quieted":
      if (entry.untilMs === null) return timeline.quietedWhole(entry.by);
      return entry.untilMs <= entry.atMs
        ? timeline.unquieted(entry.by)
        : timeline.quieted(entry.by, shortMoment(scene.language, timeZone, entry.untilMs));
    case "checked":
      return timeline.checked(entry.by, word(texts.probeVerdict, entry.verdict));
    case "announced":
      if (!entry.over) return timeline.announced(entry.by);
      return entry.by === "" ? timeline.announcedOverItself : timeline.announcedOver(entry.by);
    case "note":
      return timeline.note(entry.by);
    case "heard_again":
      return timeline.heardAgain;
    case "silent_again":
      return timeline.silentAgain;
    case "closed":
      return timeline.closed(word(texts.closeReason, entry.reason), word(texts.cause, entry.finalCause));
  }
}

/** As `incidentTitle`, after the server's or the site's name. */
export function placedTitle(scene: Scene, incident: IncidentView): string {
  return [incident.serverName || incident.siteName, incidentTitle(scene, incident)]
    .filter(Boolean)
    .join(" · ");
}

export function incidentTitle(scene: Scene, incident: IncidentView): string {
  return kindName(scene, incident.kind, incident.variant);
}

/** "48 servers at 12 sites", or only the servers where they are of one; null: it stands for none but itself. */
export function memberCount(scene: Scene, incident: IncidentView): string | null {
  const { common } = scene.texts;
  const servers = incident.memberIds.length;
  if (servers === 0) return null;
  const sites = incident.siteIds.length;
  return sites > 1 ? common.serversAtSites(servers, sites) : common.servers(servers);
}

/** The zone in which an incident is told: its site's. */
export function incidentZone(scene: Scene, incident: IncidentView): string {
  return (incident.siteId === null ? null : scene.look.site(incident.siteId)?.timeZone) ?? scene.timeZone;
}

/** What a check by hand found, a sentence each; of a group each begins with the server's name. */
export function checkedSentences(scene: Scene, incident: IncidentView, timeZone: string): readonly string[] {
  const members = incident.serverId === null ? incident.memberIds : [];
  const names = new Map(
    members.flatMap((id) => {
      const server = scene.look.server(id);
      return server === null || server.address === null ? [] : [[server.address, server.name] as const];
    }),
  );
  return (incident.checked?.evidence ?? []).map((evidence) => {
    const sentence = evidenceSentence(scene, evidence, timeZone);
    if (evidence.type !== "probe") return sentence;
    const { target } = evidence.result;
    const name = names.get(target) ?? names.get(target.replace(/:\d+$/, ""));
    return name === undefined ? sentence : `${name}: ${sentence}`;
  });
}
