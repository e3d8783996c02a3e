/**
 * Asks addresses that nobody has, and takes back what an answer "for everybody" would have proved.
 * Why: routers, portals of mobile providers and proxies that check mail or web answer for hosts that are not there, most
 * of all when a link is cut; a dead server would seem alive for ever.
 * Must not: doubt what no router can have answered (own nets), or text that staff asked for and got.
 */
import { isIPv6 } from "node:net";
import type { ProbeRequest } from "../core/types/evidence.ts";
import type { ProbeAnswer } from "../../shared/probe/result.ts";
import { aborted, none } from "./turn.ts";

/**
 * Of the nets that are set apart for documents (RFC 5737, 3849, 9637): no host on the internet has these addresses.
 * Several, because laboratories do use them: one such host would void everything. Those that are in an own net are
 * left out.
 */
export const CONTROL_ADDRESSES: readonly string[] = [
  ...["192.0.2.113", "198.51.100.113", "203.0.113.113"],
  ...["2001:db8:113::113", "3fff:113::113"],
];
/** As many must answer, where there are as many. */
const ADDRESSES_ASKED = 2;
/** The same question is asked at most once a minute: what answers for everybody does so for hours. */
const CONTROL_EVERY_MS = 60_000;
/** Whoever answers for everybody sits near, or at the provider; satellite links take 0.7 s. */
const CONTROL_LIMIT_MS = 2_000;
/** Different ports a minute, IPv4 and IPv6 apart; a port beyond them is believed. */
const QUESTIONS_MAX = 32;

export interface NegativeControlParts {
  /** Monotonic ms. */
  readonly now: () => number;
  /** IP addresses; empty: nothing is ever asked or taken back. */
  readonly addresses: readonly string[];
  readonly isOnLink: (address: string) => boolean;
  /** Asks without anybody waiting for it. */
  readonly ask: (request: ProbeRequest, limitMs: number) => Promise<ProbeAnswer>;
}

export interface NegativeControl {
  /**
   * `answer` to `request`, or "none, answered for all" where addresses that nobody has answer alike. Asks them if that
   * is not known of the last minute. When `until` aborts before they answered, what was known before counts.
   */
  judged(
    request: ProbeRequest,
    address: string,
    answer: ProbeAnswer,
    until: AbortSignal,
  ): Promise<ProbeAnswer>;
}

/** What addresses that nobody has did. */
interface Finding {
  readonly answered: boolean;
  readonly spoke: boolean;
}
interface Question {
  readonly askedMs: number;
  readonly finding: Promise<Finding>;
  /** The newest finding so far. */
  latest: Finding;
}

const SILENT: Finding = { answered: false, spoke: false };

export function createNegativeControl(parts: NegativeControlParts): NegativeControl {
  const { now, isOnLink } = parts;
  const questions = new Map<string, Question>();

  const find = async (port: number | null, isSix: boolean): Promise<Finding> => {
    const usable = parts.addresses.filter((address) => isIPv6(address) === isSix && !isOnLink(address));
    const answers = await Promise.all(
      usable.slice(0, ADDRESSES_ASKED).map((host) => {
        const request: ProbeRequest =
          port === null ? { kind: "icmp", host, port } : { kind: "banner", host, port };
        return parts.ask(request, CONTROL_LIMIT_MS);
      }),
    );
    if (answers.length === 0) return SILENT;
    return {
      answered: answers.every((answer) => answer.verdict === "alive"),
      spoke: answers.every((answer) => answer.banner !== undefined),
    };
  };

  const questionOf = (port: number | null, isSix: boolean): Question | null => {
    const key = `${isSix ? "ipv6" : "ipv4"} ${port ?? "icmp"}`;
    const known = questions.get(key);
    if (known !== undefined && now() - known.askedMs < CONTROL_EVERY_MS) return known;
    for (const [old, question] of questions)
      if (now() - question.askedMs >= 2 * CONTROL_EVERY_MS) questions.delete(old);
    if (known === undefined && questions.size >= QUESTIONS_MAX) return null;
    const finding = find(port, isSix);
    const question: Question = { askedMs: now(), finding, latest: known?.latest ?? SILENT };
    void finding.then((found) => (question.latest = found));
    questions.set(key, question);
    return question;
  };

  return {
    async judged(request, address, answer, until) {
      if (!canBeFaked(request, answer) || isOnLink(address)) return answer;
      const question = questionOf(request.port, isIPv6(address.split("%")[0] ?? ""));
      if (question === null) return answer;
      const found = (await Promise.race([question.finding, aborted(until)])) ?? question.latest;
      const isFaked = answer.banner === undefined ? found.answered : found.spoke;
      return isFaked ? none("answered_for_all") : answer;
    },
  };
}

/** What something on the way could have said in the place of the host. */
function canBeFaked(request: ProbeRequest, answer: ProbeAnswer): boolean {
  if (answer.verdict !== "alive") return false;
  if (answer.banner === undefined) return true;
  // Portals and proxies speak HTTP and TLS, and nothing else; and none knows the text that staff wait for.
  const isText = request.kind === "http" && request.expectedText !== null && answer.asExpected === true;
  return /^(?:HTTP \d|TLS$)/.test(answer.banner) && !isText;
}
