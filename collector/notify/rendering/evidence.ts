/**
 * The evidence in one line: at the alert what was heard last and what the probes said, the newest answer of each; at the
 * end what came to light about the cause.
 * Must not: judge; it only puts into words what the core wrote down.
 */
import type { ProbeResult } from "../../core/types/evidence.ts";
import type { Evidence, JournalFinding } from "../../core/types/incident.ts";
import type { Message } from "../../core/types/telling.ts";
import type { Texts } from "../texts/texts.ts";
import { durationInWords, moment } from "../texts/moments.ts";
import { oneLine, quoted, quotedAddress, say, shortLine, type Line } from "./markup.ts";

/** One line is read; more targets than this are in the panel. */
const PROBES_SHOWN_MAX = 6;
/** Other agents that asked too: three of other sites and two of the same are the most that are asked. */
const ASKERS_SHOWN_MAX = 5;
/** Sentinels: a gateway, two public addresses, Telegram; staff may name more. */
const SENTINELS_SHOWN_MAX = 4;
/** Findings of one journal are at most a handful; a group has those of its members. */
const FINDINGS_SHOWN_MAX = 6;
/** Longer than any IPv6 address with its port; a host name of 253 is cut. */
const TARGET_LENGTH_MAX = 80;
/** What a program said first, e.g. `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3`: the version is enough. */
const BANNER_LENGTH_MAX = 40;
const NAME_LENGTH_MAX = 40;

type ProbeEvidence = Extract<Evidence, { readonly type: "probe" }>;

const target = (text: string) => quotedAddress(oneLine(text, TARGET_LENGTH_MAX, TARGET_LENGTH_MAX));

/** Ports of one host that said the same are read as one: "TCP 22, 443 refused". */
function grouped(results: readonly ProbeResult[]): readonly (readonly ProbeResult[])[] {
  const groups = new Map<string, ProbeResult[]>();
  for (const result of results) {
    const host =
      portOf(result) === null ? result.target : result.target.slice(0, result.target.lastIndexOf(":"));
    const key = [result.kind, host, result.verdict, result.detail, result.banner ?? ""].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()];
}

function portOf(result: ProbeResult): string | null {
  return result.kind === "icmp" ? null : (/:(\d{1,5})$/.exec(result.target)?.[1] ?? null);
}

function probeText(texts: Texts, results: readonly ProbeResult[]): string {
  const [result] = results;
  if (!result) return "";
  const ports = results.map(portOf).filter((port) => port !== null);
  const roundTrip =
    results.length > 1 || result.roundTripMs === null || !Number.isFinite(result.roundTripMs)
      ? null
      : `${Math.max(1, Math.round(result.roundTripMs))} ms`;
  const banner =
    result.banner === undefined ? "" : quotedAddress(shortLine(result.banner, BANNER_LENGTH_MAX));
  return texts.evidence.probe(
    result,
    target(result.target),
    ports.length > 0 ? ports.join(", ") : null,
    roundTrip,
    banner === "" ? null : banner,
  );
}

/** Newest answer per question, in the order they were first asked. */
function newestProbes(evidence: readonly ProbeEvidence[]): readonly ProbeResult[] {
  const newest = new Map<string, ProbeEvidence>();
  for (const item of evidence) {
    const key = `${item.result.kind} ${item.result.target}`;
    const before = newest.get(key);
    if (!before || item.wallMs >= before.wallMs) newest.set(key, item);
  }
  return [...newest.values()].map(({ result }) => result).slice(0, PROBES_SHOWN_MAX);
}

/** What each asker found: the collector first, then each agent that was asked to look as well. */
function probeFindings(texts: Texts, evidence: readonly Evidence[]): readonly ProbeFinding[] {
  const { evidence: words } = texts;
  const askers = new Map<string, ProbeEvidence[]>();
  for (const item of evidence) {
    if (item.type !== "probe") continue;
    const asker = `${item.from} ${item.by ?? ""}`;
    askers.set(asker, [...(askers.get(asker) ?? []), item]);
  }
  const leadOf = ({ from, by }: ProbeEvidence) => {
    const name = by === null ? null : quoted(shortLine(by, NAME_LENGTH_MAX)) || null;
    if (from === "collector") return words.fromCollector;
    return from === "witness" ? words.fromWitness(name) : words.fromNeighbour(name);
  };
  const findings = [...askers.values()].flatMap((items): ProbeFinding[] => {
    const [first] = items;
    if (!first) return [];
    const said = grouped(newestProbes(items)).map((results) => probeText(texts, results));
    return [{ isOwn: first.from === "collector", lead: leadOf(first), said: said.join(", ") }];
  });
  return [
    ...findings.filter(({ isOwn }) => isOwn),
    ...findings.filter(({ isOwn }) => !isOwn).slice(0, ASKERS_SHOWN_MAX),
  ];
}

interface ProbeFinding {
  readonly isOwn: boolean;
  /** "From the collector:" */
  readonly lead: string;
  readonly said: string;
}

function probeParts(texts: Texts, evidence: readonly Evidence[]): readonly string[] {
  return probeFindings(texts, evidence).map(({ lead, said }) => `${lead} ${said}`);
}

/** What a check by hand found. That it was the collector who asked goes without saying, unless others did too. */
export function checkFindings(texts: Texts, evidence: readonly Evidence[]): readonly string[] {
  const gateway = lastIn(evidence)("gateway");
  const findings = probeFindings(texts, evidence);
  const isAlone = findings.every(({ isOwn }) => isOwn);
  return [
    ...(gateway ? [texts.evidence.gateway(target(gateway.address), gateway.verdict)] : []),
    ...findings.map(({ lead, said }) => (isAlone ? said : `${lead} ${said}`)),
  ];
}

function findingText(texts: Texts, finding: JournalFinding): string {
  const { evidence: words } = texts;
  switch (finding.type) {
    case "ran_all_along":
      return words.ranAllAlong;
    case "stood_still":
      return words.stoodStill(durationInWords(texts, finding.forMs));
    case "slept":
      return words.slept(durationInWords(texts, finding.forMs));
    case "stopped_in_order":
      return words.stoppedInOrder;
    case "gateway":
      return words.gatewayReached(finding.reached);
    case "internet":
      return words.internetReached(finding.reached);
    case "link_down":
      return words.linkDown;
    case "collector":
      return words.collector[finding.problem];
  }
}

/** Whether the outage counts from the moment the server was heard last, to the second; then one line says both. */
export function startsWhenLastHeard({ evidence, startedWallMs }: Message): boolean {
  const heard = evidence.findLast((item) => item.type === "last_heard");
  return heard !== undefined && Math.floor(heard.wallMs / 1000) === Math.floor(startedWallMs / 1000);
}

type Last = <T extends Evidence["type"]>(type: T) => Extract<Evidence, { readonly type: T }> | undefined;

const lastIn =
  (evidence: readonly Evidence[]): Last =>
  <T extends Evidence["type"]>(type: T) =>
    evidence.findLast((item): item is Extract<Evidence, { type: T }> => item.type === type);

const momentsOf = (texts: Texts, message: Message) => (wallMs: number) =>
  moment(texts, wallMs, message.timeZone, message.detectedWallMs);

/** A reboot, a restart, and what the journals say: known only afterwards. */
function endingParts(texts: Texts, message: Message): readonly string[] {
  const { evidence: words } = texts;
  const at = momentsOf(texts, message);
  const last = lastIn(message.evidence);
  const [reboot, restart] = [last("reboot"), last("agent_restarted")];
  const findings = new Set(
    message.evidence.flatMap((item) => (item.type === "journal" ? [findingText(texts, item.finding)] : [])),
  );
  const said = [...findings].slice(0, FINDINGS_SHOWN_MAX).join(", ");
  return [
    ...(reboot ? [words.reboot(at(reboot.wallMs), reboot.clean)] : []),
    ...(restart ? [words.agentRestarted(at(restart.wallMs))] : []),
    ...(said === "" ? [] : [`${words.journal} ${said}`]),
  ];
}

/** What was known at the alert; empty when there is nothing to say beyond the rest of the message. */
function alertParts(texts: Texts, message: Message): readonly string[] {
  const { evidence: words } = texts;
  const at = momentsOf(texts, message);
  const last = lastIn(message.evidence);
  const [heard, socket, gateway, sentinels] = [
    last("last_heard"),
    last("socket"),
    last("gateway"),
    last("sentinels"),
  ];
  const targets = (all: readonly string[]) => all.slice(0, SENTINELS_SHOWN_MAX).map(target);
  return [
    ...(heard && !startsWhenLastHeard(message) ? [words.lastHeard(at(heard.wallMs))] : []),
    ...(socket ? [socket.state === "open" ? words.socketOpen : words.socketClosed(at(socket.wallMs))] : []),
    ...(gateway ? [words.gateway(target(gateway.address), gateway.verdict)] : []),
    ...(sentinels && sentinels.alive.length > 0 ? [words.sentinelsAlive(targets(sentinels.alive))] : []),
    ...(sentinels && sentinels.failed.length > 0 ? [words.sentinelsFailed(targets(sentinels.failed))] : []),
    // Of one that is over these have a line of their own.
    ...(message.endedWallMs === null ? endingParts(texts, message) : []),
    ...probeParts(texts, message.evidence),
  ];
}

function evidenceLine(parts: readonly string[]): Line | null {
  if (parts.length === 0) return null;
  const text = parts.join("; ");
  return say(`🔎 ${text.slice(0, 1).toLocaleUpperCase("en")}${text.slice(1)}`);
}

export function alertEvidence(texts: Texts, message: Message): Line | null {
  return evidenceLine(alertParts(texts, message));
}

/** At the end: what the final cause rests on. */
export function endingEvidence(texts: Texts, message: Message): Line | null {
  return evidenceLine(endingParts(texts, message));
}
