/**
 * Evidence, probes and timeline entries as sentences.
 * Why strings: they are escaped where they are rendered, like every other hostile text (names, errors, notes).
 * Must not: judge; it says what the collector recorded.
 */
import { clockTime, number } from "../i18n/format.ts";
import { word } from "../i18n/language.ts";
import { spokenDuration } from "../islands/spoken-time.ts";
import type { Scene } from "../scene.ts";
import type { EvidenceView, IncidentView, ProbeView, TimelineView } from "../source.ts";

export function probeVerdict(scene: Scene, probe: ProbeView): string {
  const { texts, language } = scene;
  const verdict = word(texts.probeVerdict, probe.verdict);
  if (probe.roundTripMs === null || probe.verdict !== "alive") return verdict;
  return `${verdict}, ${number(language, probe.roundTripMs, 1)} ms`;
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
        evidence.result.target,
        probeVerdict(scene, evidence.result),
        word(texts.probeDetail, evidence.result.detail),
      );
    case "socket":
      return evidence.state === "open" ? texts.evidence.socketOpen : texts.evidence.socketClosed;
    case "reboot":
      if (evidence.clean === null) return texts.evidence.rebootUnknown;
      return evidence.clean ? texts.evidence.rebootClean : texts.evidence.rebootUnclean;
    case "agent_restarted":
      return texts.evidence.agentRestarted;
  }
}

export function timelineSentence(scene: Scene, entry: TimelineView, timeZone: string): string {
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

export function incidentTitle(scene: Scene, incident: IncidentView): string {
  return word(scene.texts.kind, incident.kind);
}

/** The zone in which an incident is told: its site's. */
export function incidentZone(scene: Scene, incident: IncidentView): string {
  return (incident.siteId === null ? null : scene.look.site(incident.siteId)?.timeZone) ?? scene.timeZone;
}
