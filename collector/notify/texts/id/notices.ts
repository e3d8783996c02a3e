/**
 * Indonesian texts of news without an outage of its own.
 * Must not: frighten; most of it can wait for the morning.
 */
import type { NoticeTexts } from "../shapes/notices.ts";
import { idMeasures } from "./measures.ts";

export const idNotices: NoticeTexts = {
  stateNeverCame: "BELUM PERNAH TERDENGAR",
  neverCame: "Server ini sudah didaftarkan, tetapi belum sekali pun terdengar.",
  neverCameAdvice: "Periksa pemasangan agen, alamatnya, dan sambungannya ke kolektor.",
  registered: (started) => `Didaftarkan ${started}`,
  flapping: {
    state: "NAIK TURUN",
    stateStill: "MASIH NAIK TURUN",
    stateOver: "TENANG LAGI",
    incidents: (count, since) => `${idMeasures.count(count)} insiden sejak ${since}.`,
    downNow: "Saat ini mati.",
    upNow: "Saat ini hidup.",
    digests: "Setelah ini hanya ada ringkasan sesekali, sampai tenang lagi.",
    calm: "Terdengar terus, tanpa insiden baru. Kabarnya kembali seperti biasa.",
  },
  duplicate: {
    state: "IDENTITAS GANDA",
    stateOver: "IDENTITAS TIDAK GANDA LAGI",
    meaning: (addresses) =>
      addresses.length === 0
        ? "Dua mesin memakai identitas agen yang sama."
        : `Dua mesin memakai identitas agen yang sama, dari ${idMeasures.listed(addresses)}.`,
    advice:
      "Biasanya salah satunya salinan (clone). Selama itu, matinya satu mesin bisa tertutup oleh yang lain: pasang ulang agen pada salah satunya dengan token baru.",
    over: (address) =>
      address === null
        ? "Tinggal satu mesin yang memakai identitas ini."
        : `Tinggal satu mesin yang memakai identitas ini, dari ${address}.`,
  },
  lost: {
    state: "PENERIMA TIDAK TERJANGKAU",
    meaning: "Pesan ke sana ditolak, jadi pengirimannya dihentikan. Yang lain tetap dikabari.",
    because: (reason) => `Jawaban dari kanalnya: ${reason}`,
    advice:
      "Di Telegram: undang lagi botnya ke grup itu, atau minta orangnya membuka blokir; setelah itu tersambung lagi sendiri. Di kanal lain: periksa alamatnya di panel, bagian Notifikasi.",
  },
  channel: {
    stateLost: (channel) => `TOKEN DITOLAK ${channel.toUpperCase()}`,
    stateBack: (channel) => `${channel.toUpperCase()} BERFUNGSI LAGI`,
    lost: (channel) =>
      `Tidak ada yang dikabari lewat ${channel} sampai ini diperbaiki. Pesan yang menunggu di sana disimpan dan dikirim sesudahnya.`,
    because: (reason) => `Jawaban dari kanalnya: ${reason}`,
    advice: "Periksa token botnya: mungkin sudah dicabut. Dengan token baru, jalankan ulang kolektor.",
    back: (channel) => `Pesan yang menunggu ${channel} sedang dikirim.`,
  },
  drill: {
    state: "UJI COBA",
    calm: "tidak perlu tindakan",
    meaning: (by) =>
      by === null
        ? "Ini uji coba berkala. Tidak ada gangguan."
        : `Ini uji coba yang diminta ${by}. Tidak ada gangguan.`,
    works: "Pesan ini sampai, jadi kabar gangguan juga akan sampai ke sini.",
  },
};
