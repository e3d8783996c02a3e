/**
 * Indonesian texts of the evidence, each half a sentence.
 * Must not: judge.
 */
import { probeWords } from "../probe-words.ts";
import type { EvidenceTexts } from "../shapes/evidence.ts";

export const idEvidence: EvidenceTexts = {
  lastHeard: (time) => `terakhir terdengar ${time}`,
  fromCollector: "dari kolektor:",
  fromWitness: (by) => (by === null ? "dari cabang lain:" : `dari cabang lain (${by}):`),
  fromNeighbour: (by) => (by === null ? "dari cabang yang sama:" : `dari cabang yang sama (${by}):`),
  probe: probeWords({
    ping: (target) => `ping ${target}`,
    tcp: (port) => `TCP ${port}`,
    service: (port) => `layanan di port ${port}`,
    http: (target) => `HTTP ${target}`,
    pinged: (asked, roundTrip) => `${asked} dijawab${roundTrip === null ? "" : ` (${roundTrip})`}`,
    unpinged: (asked) => `${asked} tidak dijawab`,
    answers: (asked, roundTrip) => `${asked} menjawab${roundTrip === null ? "" : ` (${roundTrip})`}`,
    speaks: (asked, banner) => `${asked} menjawab (${banner})`,
    refused: (asked) => `${asked} menolak (berarti mesinnya hidup)`,
    mute: (asked) => `${asked} tersambung, tetapi programnya diam`,
    closes: (asked) => `${asked} tersambung, lalu langsung ditutup`,
    speechless: (asked) => `${asked} tersambung, tetapi tidak ada jawaban`,
    asExpected: (asked) => `${asked} menjawab sebagaimana mestinya`,
    wrongStatus: (asked, status) => `${asked} menjawab dengan status ${status}`,
    textMissing: (asked) => `${asked} menjawab, tetapi tanpa teks yang diharapkan`,
    notAsExpected: (asked) => `${asked} menjawab, tetapi tidak sebagaimana mestinya`,
    noAnswer: (asked) => `${asked} tidak menjawab`,
    couldNotAsk: (asked) => `${asked} tidak dapat dicoba`,
    detail: {
      unreachable: "tidak terjangkau",
      name_not_found: "namanya tidak ditemukan",
      no_program: "tidak dapat dicoba (program ping tidak ada)",
      no_permission: "tidak dapat dicoba (tidak ada izin)",
      no_resources: "tidak dapat dicoba (mesin yang bertanya kehabisan sumber daya)",
      bad_address: "tidak dapat dicoba (alamatnya tidak bisa dipakai)",
      not_allowed: "tidak dapat dicoba (alamatnya tidak boleh ditanya)",
      not_asked: "tidak sempat dicoba",
      local_error: "tidak dapat dicoba (gagal mengirim)",
      other_address: "dijawab oleh alamat lain",
      answered_for_all: "tidak membuktikan apa-apa (alamat yang tidak ada pun dijawab)",
    },
  }),
  gateway: (address, verdict) =>
    `gateway ${address} ${{ alive: "menjawab", dead: "tidak menjawab", none: "tidak dapat dicoba" }[verdict]}`,
  sentinelsAlive: (targets) => `kolektor menjangkau ${targets.join(", ")}`,
  sentinelsFailed: (targets) => `kolektor tidak menjangkau ${targets.join(", ")}`,
  socketOpen: "sambungan agen masih terbuka",
  socketClosed: (time) => `sambungan agen terputus ${time}`,
  reboot: (time, clean) =>
    `server dinyalakan ulang ${time}${clean === null ? "" : clean ? " dengan benar" : " tanpa dimatikan dengan benar"}`,
  agentRestarted: (time) => `agen dijalankan ulang ${time}`,
  journal: "catatan agen:",
  ranAllAlong: "agennya berjalan terus",
  stoodStill: (duration) => `mesinnya terhenti ${duration}`,
  slept: (duration) => `mesinnya tidur ${duration}`,
  stoppedInOrder: "agennya dihentikan dengan benar",
  gatewayReached: (reached) => (reached ? "gateway terjangkau" : "gateway tidak terjangkau"),
  internetReached: (reached) => (reached ? "internet terjangkau" : "internet tidak terjangkau"),
  linkDown: "sambungan jaringan mesinnya mati",
  collector: {
    ok: "kolektor terjangkau",
    timeout: "kolektor tidak menjawab",
    refused: "sambungan ke kolektor ditolak",
    unreachable: "kolektor tidak terjangkau",
    name: "nama kolektor tidak ditemukan",
    certificate: "sertifikat kolektor tidak dipercaya",
    proxy: "proxy tidak meneruskan ke kolektor",
    rejected: "kolektor menolak agennya",
    unknown: "kolektor tidak terjangkau, sebabnya tidak jelas",
  },
};
