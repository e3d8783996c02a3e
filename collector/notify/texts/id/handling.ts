/**
 * Indonesian texts of what people did about an outage, and of the buttons with which they do it.
 * Must not: grow; a button holds two or three words.
 */
import type { HandlingTexts } from "../shapes/handling.ts";

export const idHandling: HandlingTexts = {
  taken: (by) => `Ditangani ${by}`,
  wasTaken: (by) => `Ditangani ${by}`,
  quietUntil: (time, by) => `Senyap sampai ${time}, oleh ${by}`,
  quietUntilRecovered: (by) => `Senyap sampai pulih, oleh ${by}`,
  announced: "Pengguna sudah diberi tahu",
  checked: (time, by, found) =>
    `Diperiksa ${time} oleh ${by}: ${found === "" ? "tidak ada yang bisa ditanya" : found}`,
  nobody: "Belum ada yang menangani.",
  askToPress: "Kalau Anda yang mengerjakannya, tekan “Saya tangani”; pengingat ini lalu berhenti.",
  askElsewhere: "Kalau Anda yang mengerjakannya, tandai di panel; pengingat ini lalu berhenti.",
  button: {
    take: "✋ Saya tangani",
    takenBy: (by) => `✋ ${by}`,
    check: "🔄 Periksa lagi",
    mute: "🔕 Senyapkan",
    announce: "📣 Umumkan",
    over: "📣 Umumkan pulih",
    map: "📍 Peta",
    panel: "Buka di panel",
    muteHour: "1 jam",
    muteMorning: "Sampai 07:00",
    muteRecovered: "Sampai pulih",
    back: "‹ Kembali",
    send: "📣 Kirim",
    cancel: "Batal",
  },
};
