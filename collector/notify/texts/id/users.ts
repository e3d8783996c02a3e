/**
 * Indonesian texts for the users of a branch.
 * Tone: friendly and plain, as a colleague would say it.
 * Must not: name a server, an address or a technical term.
 */
import type { UserTexts } from "../shapes/users.ts";
import { idMeasures } from "./measures.ts";

const { count } = idMeasures;

export const idUsers: UserTexts = {
  trouble: (place) => (place === null ? "Gangguan sistem" : `Gangguan di ${place}`),
  over: (place) => (place === null ? "Sistem sudah pulih" : `Sudah pulih: ${place}`),
  known: (places, since) =>
    `Sistem${places === null ? "" : ` di ${places}`} sedang terganggu sejak ${since}. Tim IT sudah tahu dan sedang menangani.`,
  mayNotice: {
    some: "Sebagian aplikasi atau layanan mungkin tidak bisa dipakai untuk sementara.",
    everything:
      "Aplikasi, internet, atau sambungan ke kantor pusat mungkin tidak bisa dipakai untuk sementara.",
    nothing: "Kemungkinan besar pekerjaan Anda tidak terpengaruh.",
  },
  willTell: "Begitu pulih, kami kabari di sini.",
  works: (places, duration, period) =>
    `Sistem${places === null ? "" : ` di ${places}`} sudah normal lagi setelah terganggu ${duration} (${period}).`,
  thanks: "Kalau masih ada yang tidak bisa dipakai, silakan hubungi tim IT. Terima kasih sudah menunggu.",
  sites: (value) => `${count(value)} cabang`,
  otherSites: (value) => `${count(value)} cabang lain`,
};
