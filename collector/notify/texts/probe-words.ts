/**
 * What one probe said, in words: which sentence a result gets, the same in every language.
 * Why apart from the languages: what a bare accept or a wrong status means is no matter of words.
 * Must not: judge a server.
 */
import type { ProbeResult } from "../../core/types/evidence.ts";
import type { EvidenceTexts } from "./shapes/evidence.ts";

type Said = (asked: string) => string;

export interface ProbeWords {
  readonly ping: Said;
  readonly tcp: Said;
  /** A port where a program is expected to speak. */
  readonly service: Said;
  readonly http: Said;
  /** A ping is answered by somebody; a service answers by itself. */
  readonly pinged: (asked: string, roundTrip: string | null) => string;
  readonly unpinged: Said;
  readonly answers: (asked: string, roundTrip: string | null) => string;
  readonly speaks: (asked: string, banner: string) => string;
  readonly refused: Said;
  /** Accepted by the kernel, but no program said a word. */
  readonly mute: Said;
  /** Accepted, and closed by a program without a word. */
  readonly closes: Said;
  /** Accepted, but no whole answer of its protocol came. */
  readonly speechless: Said;
  readonly asExpected: Said;
  readonly wrongStatus: (asked: string, status: string) => string;
  readonly textMissing: Said;
  readonly notAsExpected: Said;
  readonly noAnswer: Said;
  readonly couldNotAsk: Said;
  /** By the machine word of a result that is dead or none. */
  readonly detail: Readonly<Record<string, string>>;
}

function asked(words: ProbeWords, result: ProbeResult, target: string, port: string | null): string {
  switch (result.kind) {
    case "icmp":
      return words.ping(target);
    case "tcp":
      return words.tcp(port ?? target);
    case "banner":
      return words.service(port ?? target);
    case "http":
      return words.http(target);
  }
}

export function probeWords(words: ProbeWords): EvidenceTexts["probe"] {
  return (result, target, port, roundTrip, banner) => {
    const what = asked(words, result, target, port);
    const { detail } = result;
    if (result.verdict === "alive") {
      if (detail === "refused") return words.refused(what);
      const status = /^status_(\d{3})$/.exec(detail)?.[1];
      if (status !== undefined) return words.wrongStatus(what, status);
      if (detail === "text_missing") return words.textMissing(what);
      if (detail === "closed") return words.closes(what);
      if (detail === "no_answer") return words.speechless(what);
      if (result.asExpected === false) return words.notAsExpected(what);
      if (result.kind === "http" && result.asExpected === true) return words.asExpected(what);
      if (banner !== null) return words.speaks(what, banner);
      if (result.kind === "icmp") return words.pinged(what, roundTrip);
      return result.kind === "banner" ? words.mute(what) : words.answers(what, roundTrip);
    }
    const reason = Object.hasOwn(words.detail, detail) ? words.detail[detail] : undefined;
    if (reason !== undefined) return `${what} ${reason}`;
    if (result.verdict !== "dead") return words.couldNotAsk(what);
    return result.kind === "icmp" ? words.unpinged(what) : words.noAnswer(what);
  };
}
