/**
 * Indonesian texts of how things are: the daily digest, the monthly report, the pinned board, several messages in one.
 * Must not: say more than the figures do.
 */
import type { SummaryTexts } from "../shapes/summary.ts";
import { idMeasures } from "./measures.ts";

const { count } = idMeasures;

export const idSummary: SummaryTexts = {
  digest: (day) => `Ringkasan ${day}`,
  report: (month) => `Laporan ${month}`,
  allUp: (servers) => {
    if (servers === 1) return "Satu-satunya server sehat";
    return servers === 2 ? "Kedua server sehat" : `Semua ${count(servers)} server sehat`;
  },
  someUp: (up, servers) => `${count(up)} dari ${count(servers)} server sehat`,
  noServers: "Belum ada server yang dipantau",
  openIncidents: (value) => `${count(value)} insiden terbuka`,
  noneOpen: "tidak ada insiden terbuka",
  openHead: "Insiden terbuka:",
  openSince: (time) => `sejak ${time}`,
  takenBy: (by) => `✋ ${by}`,
  nobody: "belum ditangani",
  more: (value) => `… dan ${count(value)} lainnya`,
  noIncidents: "Tidak ada insiden.",
  incidents: (value, total) => `${count(value)} insiden, seluruhnya ${total}.`,
  causes: (parts) => `Menurut penyebab: ${parts.join(", ")}.`,
  minutesOf: {
    server: (duration) => `server ${duration}`,
    link: (duration) => `jaringan ${duration}`,
    planned: (duration) => `terencana ${duration}`,
    collector: (duration) => `kolektor ${duration}`,
  },
  availability: (percent) => `Ketersediaan ${percent}.`,
  availabilityShort: (percent) => `ketersediaan ${percent}`,
  worstHead: "Paling terganggu:",
  worst: (name, incidents, duration) => `${name}: ${count(incidents)} insiden, ${duration}`,
  asOf: (time) => `Keadaan ${time}`,
  updated: (time) => `Diperbarui ${time}`,
  status: {
    new: "baru",
    up: "sehat",
    suspect: "curiga",
    down: "mati",
    planned: "terencana",
    recovering: "pulih",
    paused: "jeda",
  },
  several: {
    head: (value) => `${count(value)} kabar sekaligus`,
    outages: (value) => `${count(value)} gangguan`,
    recovered: (value) => `${count(value)} pulih`,
    howToTake: "Untuk menangani salah satunya, kirim ",
    repeat: "kiriman ulang",
  },
};
