/**
 * Indonesian numbers, durations, days and counts.
 * Must not: round.
 */
import { counter } from "../numbers.ts";
import type { MeasureTexts } from "../shapes/measures.ts";

const count = counter("id-ID");

export const idMeasures: MeasureTexts = {
  duration: {
    seconds: (value) => `${count(value)} detik`,
    minutes: (value) => `${count(value)} menit`,
    hours: (value) => `${count(value)} jam`,
    days: (value) => `${count(value)} hari`,
  },
  weekdays: ["Min", "Sen", "Sel", "Rab", "Kam", "Jum", "Sab"],
  months: ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"],
  monthsWhole: [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
  ],
  count,
  decimalMark: ",",
  // The space never breaks: the number stays with its sign.
  percent: (digits) => `${digits}\u00a0%`,
  servers: (value) => `${count(value)} server`,
  serversAtSites: (servers, sites) => `${count(servers)} server di ${count(sites)} cabang`,
  andOthers: (value) => `dan ${count(value)} lainnya`,
  listed: (names) => {
    if (names.length < 3) return names.join(" dan ");
    return `${names.slice(0, -1).join(", ")}, dan ${names.at(-1) ?? ""}`;
  },
  noSite: "Tanpa cabang",
  unnamed: "(tanpa nama)",
};
