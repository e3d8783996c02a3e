/**
 * The evidence in one line: what was heard last, and what the probes said, the newest answer of each.
 * Must not: judge; it only puts into words what the core wrote down.
 */
import { unreachable } from "../../../shared/assert.ts";
import type { Evidence, Message, ProbeResult } from "../../core/types.ts";
import type { Texts } from "../texts/texts.ts";
import { moment } from "../texts/moments.ts";
import { clipped, oneLine } from "./markup.ts";

/** One line is read; more targets than this are in the panel. */
const PROBES_SHOWN_MAX = 6;
/** Longer than any IPv6 address with its port; a host name of 253 is cut. */
const TARGET_LENGTH_MAX = 80;

/** Ports of one host that said the same are read as one: "TCP 22, 443 refused". */
function grouped(results: readonly ProbeResult[]): readonly (readonly ProbeResult[])[] {
  const groups = new Map<string, ProbeResult[]>();
  for (const result of results) {
    const host =
      portOf(result) === null ? result.target : result.target.slice(0, result.target.lastIndexOf(":"));
    const key = `${result.kind} ${host} ${result.verdict} ${result.detail}`;
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
  const target = clipped(oneLine(result.target), TARGET_LENGTH_MAX, TARGET_LENGTH_MAX);
  const ports = results.map(portOf).filter((port) => port !== null);
  const roundTrip =
    results.length > 1 || result.roundTripMs === null || !Number.isFinite(result.roundTripMs)
      ? null
      : `${Math.max(1, Math.round(result.roundTripMs))} ms`;
  return texts.evidence.probe(result, target, ports.length > 0 ? ports.join(", ") : null, roundTrip);
}

/** Newest answer per question, in the order they were first asked. */
function newestProbes(evidence: readonly Evidence[]): readonly ProbeResult[] {
  const newest = new Map<string, { readonly result: ProbeResult; readonly wallMs: number }>();
  for (const item of evidence) {
    if (item.type !== "probe") continue;
    const key = `${item.result.kind} ${item.result.target}`;
    const before = newest.get(key);
    if (!before || item.wallMs >= before.wallMs)
      newest.set(key, { result: item.result, wallMs: item.wallMs });
  }
  return [...newest.values()].map(({ result }) => result).slice(0, PROBES_SHOWN_MAX);
}

/** Whether the outage counts from the moment the server was heard last, to the second; then one line says both. */
export function startsWhenLastHeard({ evidence, startedWallMs }: Message): boolean {
  const heard = evidence.findLast((item) => item.type === "last_heard");
  return heard !== undefined && Math.floor(heard.wallMs / 1000) === Math.floor(startedWallMs / 1000);
}

/** Pieces of the evidence line; empty when there is nothing to say beyond the rest of the message. */
export function evidenceParts(texts: Texts, message: Message): readonly string[] {
  const { evidence: words } = texts;
  const at = (wallMs: number) => moment(texts, wallMs, message.timeZone, message.detectedWallMs);
  const parts: string[] = [];
  const lastOf = <T extends Evidence["type"]>(type: T) =>
    message.evidence.findLast((item): item is Extract<Evidence, { type: T }> => item.type === type);
  for (const type of ["last_heard", "socket", "reboot", "agent_restarted"] as const) {
    const item = lastOf(type);
    if (!item) continue;
    switch (item.type) {
      case "last_heard":
        if (!startsWhenLastHeard(message)) parts.push(words.lastHeard(at(item.wallMs)));
        break;
      case "socket":
        parts.push(item.state === "open" ? words.socketOpen : words.socketClosed(at(item.wallMs)));
        break;
      case "reboot":
        parts.push(words.reboot(at(item.wallMs), item.clean));
        break;
      case "agent_restarted":
        parts.push(words.agentRestarted(at(item.wallMs)));
        break;
      default:
        unreachable(item);
    }
  }
  const probes = grouped(newestProbes(message.evidence)).map((results) => probeText(texts, results));
  if (probes.length > 0) parts.push(`${words.fromCollector} ${probes.join(", ")}`);
  return parts;
}
