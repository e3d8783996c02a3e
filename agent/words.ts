/**
 * What the agent says to people, in Indonesian and in English: why it has no session, and what its commands found.
 * Why here: `status`, `enroll` and the log's readers get the same sentence for the same thing.
 * Must not: decide anything.
 */
import { unreachable } from "../shared/assert.ts";
import { closeCodes, closeName } from "../shared/close-codes.ts";
import type { Problem } from "./session-types.ts";

export interface Sentence {
  readonly id: string;
  readonly en: string;
}
export type Language = keyof Sentence;

/** Indonesian when the locale says so, else English. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || "";
  return /^(id|in)([_.@-]|$)/i.test(locale) ? "id" : "en";
}

/** Errors of the network and of TLS that people meet, by errno. */
const networkSentences: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: {
    id: "Kolektor menolak sambungan: apakah programnya berjalan di alamat dan port itu?",
    en: "The connection was refused: is the collector running at that address and port?",
  },
  ENOTFOUND: {
    id: "Nama kolektor tidak dikenal oleh DNS.",
    en: "DNS does not know the collector's name.",
  },
  EAI_AGAIN: {
    id: "DNS tidak menjawab saat nama kolektor dicari.",
    en: "DNS did not answer when the collector's name was looked up.",
  },
  EHOSTUNREACH: {
    id: "Kolektor tidak terjangkau dari jaringan ini.",
    en: "No route leads to the collector's host.",
  },
  ENETUNREACH: {
    id: "Server ini tidak punya jalur jaringan keluar.",
    en: "This server has no network route out.",
  },
  ETIMEDOUT: { id: "Kolektor tidak menjawab.", en: "The collector does not answer." },
  ECONNRESET: { id: "Sambungan diputus di tengah jalan.", en: "The connection was cut on the way." },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    id: "Sertifikat TLS kolektor ditandatangani sendiri. Berikan berkas CA dengan DETAK_CA_FILE.",
    en: "The collector's TLS certificate is self-signed. Name its CA file with DETAK_CA_FILE.",
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    id: "Penerbit sertifikat TLS kolektor tidak dipercaya. Berikan berkas CA dengan DETAK_CA_FILE.",
    en: "The issuer of the collector's TLS certificate is not trusted. Name its CA file with DETAK_CA_FILE.",
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    id: "Sertifikat TLS kolektor tidak dapat diperiksa. Berikan berkas CA dengan DETAK_CA_FILE.",
    en: "The collector's TLS certificate cannot be verified. Name its CA file with DETAK_CA_FILE.",
  },
  CERT_HAS_EXPIRED: {
    id: "Sertifikat TLS kolektor sudah kedaluwarsa.",
    en: "The collector's TLS certificate has expired.",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    id: "Sertifikat TLS kolektor bukan untuk nama itu.",
    en: "The collector's TLS certificate is for another name.",
  },
};

/** Why there is no session, or was none lately. */
export function problemSentence(problem: Problem): Sentence {
  const detail = problem.detail === "" ? "" : ` (${problem.detail})`;
  switch (problem.code) {
    case "not_reached": {
      const known = networkSentences[problem.detail];
      if (known !== undefined) return { id: `${known.id}${detail}`, en: `${known.en}${detail}` };
      return { id: `Kolektor tidak terjangkau${detail}.`, en: `The collector was not reached${detail}.` };
    }
    case "dial_timed_out":
      return { id: "Kolektor tidak menjawab.", en: "The collector does not answer." };
    case "opening_timed_out":
      return {
        id: `Kolektor menerima sambungan lalu diam${detail}.`,
        en: `The collector took the connection and then fell silent${detail}.`,
      };
    case "collector_key_wrong":
      return {
        id: `Kolektor di alamat ini bukan kolektor yang dikenal agen: kuncinya lain${detail}. Agen tidak mengirim apa pun kepadanya.`,
        en: `The collector at this address is not the one this agent knows: its key is another${detail}. Nothing is sent to it.`,
      };
    case "collector_proof_wrong":
      return {
        id: `Kolektor tidak dapat membuktikan dirinya${detail}. Agen tidak mengirim apa pun kepadanya.`,
        en: `The collector could not prove itself${detail}. Nothing is sent to it.`,
      };
    case "version_unknown":
      return {
        id: `Agen dan kolektor tidak punya versi protokol yang sama${detail}.`,
        en: `The agent and the collector have no protocol version in common${detail}.`,
      };
    case "garbage":
      return {
        id: `Kolektor mengirim pesan yang tidak sah${detail}.`,
        en: `The collector sent a message that is not valid${detail}.`,
      };
    case "ack_missing":
      return {
        id: `Detak tidak dibalas, sambungan dianggap mati${detail}.`,
        en: `Heartbeats went unanswered, the connection was taken for dead${detail}.`,
      };
    case "closed": {
      const name = problem.closeCode === undefined ? null : closeName(problem.closeCode);
      if (name !== null) return { id: closeCodes[name].id, en: closeCodes[name].en };
      return { id: `Sambungan terputus${detail}.`, en: `The connection was lost${detail}.` };
    }
    case "stalled":
      return { id: `Agen sempat terhenti${detail}.`, en: `The agent had stood still${detail}.` };
    case "slept":
      return { id: `Server sempat tidur${detail}.`, en: `The server had been asleep${detail}.` };
    default:
      return unreachable(problem.code);
  }
}
