/**
 * Indonesian texts of answers to commands and presses.
 * Tone: a colleague at the desk: what was done, or why not, and what to do instead.
 * Must not: blame.
 */
import type { AnswerTexts } from "../shapes/answers.ts";
import { idMeasures } from "./measures.ts";

const { count } = idMeasures;

export const idAnswers: AnswerTexts = {
  hearing: {
    hearing: "",
    starting: "Kolektor baru mulai dan belum menilai siapa pun.",
    grace: "Kolektor baru mulai; server yang diam baru dinilai sebentar lagi.",
    drain: "Kolektor sempat tertahan dan sedang mengejar ketertinggalan.",
    isolated:
      "Kolektor sedang tidak dapat mendengar: jaringannya sendiri terputus. Keadaan server di sini mungkin sudah berubah.",
  },
  lastKnown: (state) => `Terakhir diketahui: ${state}`,
  nothingDown: "Tidak ada yang mati.",
  downHead: (value) => `${count(value)} insiden terbuka`,
  since: (since, duration) => `Sejak ${since} (${duration})`,
  lastHeard: (time, ago) => `Terakhir terdengar ${time} (${ago} yang lalu)`,
  neverHeard: "Belum pernah terdengar",
  address: (address) => `Alamat ${address}`,
  cpu: (percent) => `CPU ${percent}`,
  memory: (percent) => `memori ${percent}`,
  disk: (mount, percent) => `disk terpenuh ${mount} ${percent}`,
  lastDay: (outages, duration) => `24 jam terakhir: ${count(outages)} gangguan, ${duration}`,
  lastDayCalm: "24 jam terakhir: tanpa gangguan",
  openIncident: (number, by) =>
    by === null ? `Insiden ${number} terbuka, belum ditangani` : `Insiden ${number} terbuka, ditangani ${by}`,
  several: (value, names) => `Ada ${count(value)} yang cocok: ${names}`,
  severalAdvice: "Tulis namanya lebih lengkap.",
  noServer: (query) => `Tidak ada server yang cocok dengan “${query}”.`,
  noSite: (query) => `Tidak ada cabang yang cocok dengan “${query}”.`,
  whichServer: "Tulis nama servernya, misalnya:",
  whichSite: "Tulis nama atau kode cabangnya, misalnya:",
  siteEmpty: "Belum ada server di cabang ini.",
  gateway: (address, verdict) =>
    `Gateway ${address} ${{ alive: "menjawab", dead: "tidak menjawab", none: "belum ditanya" }[verdict]}`,
  provider: (provider, circuit) =>
    circuit === "" ? `Penyedia: ${provider}` : `Penyedia: ${provider}, nomor sirkuit ${circuit}`,
  circuit: (circuit) => `Nomor sirkuit ${circuit}`,
  contact: (contact) => `Kontak: ${contact}`,
  noReport: "Belum ada catatan untuk bulan itu.",
  taken: (number) => `Insiden #${number} sekarang Anda yang menangani. Pengingatnya berhenti.`,
  takenAlready: (number, by) => `Insiden #${number} sudah ditangani ${by}.`,
  quietUntil: (number, time) => `Insiden #${number} disenyapkan sampai ${time}. Pulihnya tetap dikabarkan.`,
  quietUntilRecovered: (number) => `Insiden #${number} disenyapkan sampai pulih. Pulihnya tetap dikabarkan.`,
  quietAlready: (number, by) => `Insiden #${number} sudah disenyapkan oleh ${by}.`,
  muted: (name, time) =>
    `${name} disenyapkan sampai ${time}, sebagai pemeliharaan. Yang masih mati sesudah itu dikabarkan.`,
  notMuted: (name) => `${name} tidak bisa disenyapkan sekarang. Tidak ada yang diubah.`,
  unknownNumber: (number) => `Tidak ada insiden bernomor ${number}. Nomor yang terbuka ada di /down.`,
  closedAlready: (number, ended) => `Insiden #${number} sudah selesai sejak ${ended}.`,
  whichToTake: "Tulis nomor insidennya, misalnya:",
  whichToMute: "Tulis nomor insidennya, atau nama server atau cabang; lamanya kalau perlu. Misalnya:",
  muteDuration: "2 jam",
  languageSet: "Baik, mulai sekarang dalam bahasa Indonesia.",
  whichLanguage: "Pilih bahasanya:",
  boardOn: "Papan keadaan dipasang dan disematkan di sini; isinya selalu yang terbaru.",
  boardOnUnpinned:
    "Papan keadaan dipasang di sini. Saya belum boleh menyematkannya: jadikan saya admin dengan izin menyematkan pesan, atau sematkan sendiri.",
  boardOff: "Papan keadaan tidak diperbarui lagi.",
  boardAlreadyOn: "Papan keadaan memang sudah terpasang di sini.",
  boardAlreadyOff: "Di sini memang tidak ada papan keadaan.",
  whichBoard: "Pasang atau lepas papan keadaan:",
  helpHead: "Yang bisa saya lakukan:",
  notAllowed: "Maaf, di chat ini Anda belum diizinkan memakai perintah itu. Kirim ID Anda ke admin Detak:",
  unknownCommand: "Saya tidak mengenal perintah itu. Daftarnya ada di /help.",
  notKept: "Penyimpanan sedang gagal, jadi tidak ada yang diubah. Coba lagi sebentar.",
  linkedUsers: "✅ Terhubung. Kalau ada gangguan di cabang Anda, tim IT mengabari Anda di sini.",
  preview: (chats) => `Ini yang akan dikirim ke ${count(chats)} chat pengguna:`,
  toast: {
    taken: "Tercatat: Anda yang menangani.",
    takenAlready: (by) => `Sudah ditangani ${by}.`,
    over: (time) => `Sudah selesai sejak ${time}.`,
    checking: "Sedang diperiksa…",
    quietUntil: (time) => `Senyap sampai ${time}. Pulihnya tetap dikabarkan.`,
    quietUntilRecovered: "Senyap sampai pulih. Pulihnya tetap dikabarkan.",
    announced: (chats) => `Terkirim ke ${count(chats)} chat pengguna.`,
    announcedOver: "Pengguna diberi tahu bahwa ini sudah selesai.",
    announcedAlready: "Pengguna sudah diberi tahu.",
    overAlready: "Pengguna sudah diberi tahu bahwa ini selesai.",
    notAnnounced: "Pengguna belum pernah diberi tahu tentang ini.",
    nobodyToAnnounceTo:
      "Belum ada chat pengguna untuk cabang ini. Hubungkan dulu di panel, bagian Notifikasi.",
    notAllowed: "Di chat ini Anda belum diizinkan menekan tombol. Minta izin ke admin Detak.",
    incidentUnknown: "Insiden ini sudah tidak ada.",
    notKept: "Penyimpanan sedang gagal; tidak ada yang diubah. Coba lagi sebentar.",
  },
  commands: {
    status: "Keadaan sekarang",
    down: "Apa yang mati, sejak kapan, siapa yang menangani",
    server: "Satu server: keadaan dan kesehatannya",
    site: "Satu cabang: server, gateway, penyedia internet, kontak",
    report: "Laporan bulanan: ketersediaan dan gangguan",
    mute: "Senyapkan insiden, server, atau cabang",
    ack: "Tandai insiden: saya yang menangani",
    board: "Papan keadaan yang disematkan: on atau off",
    lang: "Ganti bahasa: id atau en",
    help: "Semua perintah",
  },
  arguments: {
    status: "",
    down: "",
    server: "nama",
    site: "nama",
    report: "2026-10",
    mute: "12 2 jam",
    ack: "12",
    board: "on",
    lang: "en",
    help: "",
  },
};
