/**
 * Why a socket of `detak.v1` ends: each close code, the agent's duty, and the sentence a person reads.
 * Why one list: the collector closes with it, the agent obeys it, the panel and `detak-agent status` explain it.
 * Must not: hold a code that PROTOCOL.md does not explain.
 */

/**
 * `retry`: redial with the usual back-off. `fatal`: redialling soon is of no use; redial every `fatalRedialMs` and say
 * why in the agent's status. `done`: the end both sides wanted.
 */
export type CloseDuty = "retry" | "fatal" | "done";

export interface CloseCode {
  readonly code: number;
  readonly duty: CloseDuty;
  readonly id: string;
  readonly en: string;
}

/**
 * Between two attempts after a `fatal` code, ms. Short enough that an agent heals by itself after staff put things
 * right, long enough that a refused agent costs the collector nothing (96 dials a day).
 */
export const fatalRedialMs = 15 * 60_000;

/** By name. 44xx are this protocol's own; the others are the standard's, as the collector uses them. */
export const closeCodes = {
  bad_message: {
    code: 4400,
    // Not fatal: an agent that errs in one reading must not fall silent for 15 minutes and look dead.
    duty: "retry",
    id: "Agen mengirim pesan yang tidak sah.",
    en: "The agent sent a message that is not valid.",
  },
  bad_proof: {
    code: 4401,
    duty: "fatal",
    id: "Tanda tangan agen tidak cocok dengan kuncinya. Daftarkan ulang agen ini.",
    en: "The agent's signature does not match its key. Enroll this agent again.",
  },
  unknown_agent: {
    code: 4403,
    duty: "fatal",
    id: "Kolektor tidak mengenal agen ini. Daftarkan agen dengan token baru.",
    en: "The collector does not know this agent. Enroll it with a new token.",
  },
  token_refused: {
    code: 4404,
    duty: "fatal",
    id: "Token pendaftaran tidak dikenal, sudah kedaluwarsa, atau sudah terpakai.",
    en: "The join token is unknown, has expired, or is used up.",
  },
  version_unsupported: {
    code: 4406,
    duty: "fatal",
    id: "Kolektor tidak memakai versi protokol agen ini. Perbarui agen atau kolektor.",
    en: "The collector does not speak this agent's protocol version. Update the agent or the collector.",
  },
  key_taken: {
    code: 4407,
    duty: "fatal",
    id: "Kunci agen ini sudah dipakai oleh server lain. Hapus identitas agen, lalu daftarkan lagi.",
    en: "This agent's key already belongs to another server. Remove the agent's identity, then enroll again.",
  },
  handshake_timeout: {
    code: 4408,
    duty: "retry",
    id: "Pembukaan sesi terlalu lama.",
    en: "Opening the session took too long.",
  },
  replaced: {
    code: 4409,
    duty: "retry",
    id: "Sesi lain dengan identitas yang sama telah dibuka.",
    en: "Another session of the same identity was opened.",
  },
  removed: {
    code: 4410,
    duty: "fatal",
    id: "Server ini telah dihapus dari kolektor.",
    en: "This server was removed from the collector.",
  },
  too_fast: {
    code: 4429,
    duty: "retry",
    id: "Agen mengirim pesan terlalu cepat.",
    en: "The agent sends messages too fast.",
  },
  going_away: {
    code: 4503,
    duty: "retry",
    id: "Kolektor sedang berhenti atau tidak dapat menyimpan saat ini.",
    en: "The collector is stopping, or cannot store anything right now.",
  },
  normal: {
    code: 1000,
    duty: "done",
    id: "Sesi selesai.",
    en: "The session is finished.",
  },
  protocol_error: {
    code: 1002,
    duty: "retry",
    id: "Bingkai WebSocket tidak sah.",
    en: "A WebSocket frame was not valid.",
  },
  binary_refused: {
    code: 1003,
    duty: "retry",
    id: "Hanya bingkai teks yang diterima.",
    en: "Only text frames are accepted.",
  },
  not_utf8: {
    code: 1007,
    duty: "retry",
    id: "Bingkai teks bukan UTF-8 yang sah.",
    en: "A text frame was not valid UTF-8.",
  },
  too_many_parts: {
    code: 1008,
    duty: "retry",
    id: "Pesan dipecah menjadi terlalu banyak bagian.",
    en: "A message came in too many parts.",
  },
  too_large: {
    code: 1009,
    duty: "retry",
    id: "Pesan lebih besar dari 64 KiB.",
    en: "A message was larger than 64 KiB.",
  },
} as const satisfies Record<string, CloseCode>;

export type CloseName = keyof typeof closeCodes;

const byCode: ReadonlyMap<number, CloseName> = new Map(
  (Object.keys(closeCodes) as CloseName[]).map((name) => [closeCodes[name].code, name]),
);

/** The name of a close code; null for one this protocol does not know. */
export function closeName(code: number): CloseName | null {
  return byCode.get(code) ?? null;
}

/** What an agent must do after a close: an unknown code, 1005 and 1006 (no close frame at all) mean `retry`. */
export function closeDuty(code: number): CloseDuty {
  const name = closeName(code);
  return name === null ? "retry" : closeCodes[name].duty;
}
