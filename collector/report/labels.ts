/**
 * The words in pictures, in both languages.
 * Why here: they are laid out with the picture; a word too long would run into a bar.
 * Must not: be longer than what they name.
 */
import type { MonthPictureLabels } from "./month-picture.ts";
import { percentOf } from "./outages.ts";
import type { ServerPictureLabels } from "./server-picture.ts";
import type { Share } from "./shares.ts";

type Language = "id" | "en";

const WORDS = {
  id: {
    locale: "id-ID",
    day: "24 jam",
    week: "7 hari",
    shares: { server: "server mati", link: "jaringan putus", planned: "terencana", collector: "kolektor" },
    up: "sehat",
    notWatched: "tidak dipantau",
    hours: "j",
    minutes: "m",
    availability: "ketersediaan",
    incidents: "insiden",
    more: (rows: number, out: number) => `dan ${rows} lagi, ${out} di antaranya pernah terganggu`,
    noOutages: "Tidak ada gangguan.",
    report: (month: string) => `Laporan ${month}`,
    sites: (count: number) => `${count} cabang`,
    servers: (count: number) => `${count} server`,
    withoutSite: "Tanpa cabang",
  },
  en: {
    locale: "en-GB",
    day: "24 hours",
    week: "7 days",
    shares: { server: "server down", link: "link down", planned: "planned", collector: "collector" },
    up: "up",
    notWatched: "not watched",
    hours: "h",
    minutes: "m",
    availability: "availability",
    incidents: "incidents",
    more: (rows: number, out: number) => `and ${rows} more, ${out} of them with outages`,
    noOutages: "No outages.",
    report: (month: string) => `Report ${month}`,
    sites: (count: number) => `${count} site${count === 1 ? "" : "s"}`,
    servers: (count: number) => `${count} server${count === 1 ? "" : "s"}`,
    withoutSite: "No site",
  },
} as const satisfies Record<Language, { readonly shares: Record<Share, string> } & Record<string, unknown>>;

function percentIn(locale: string) {
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (availability: number | null): string =>
    availability === null ? "–" : `${format.format(percentOf(availability))} %`;
}

function durationIn({ hours, minutes }: { readonly hours: string; readonly minutes: string }) {
  return (total: number): string => {
    const whole = Math.round(total);
    if (whole < 60) return `${whole} ${minutes}`;
    return `${Math.floor(whole / 60)} ${hours}${whole % 60 === 0 ? "" : ` ${whole % 60} ${minutes}`}`;
  };
}

export function serverLabels(language: Language): ServerPictureLabels {
  const words = WORDS[language];
  const day = new Intl.DateTimeFormat(words.locale, { weekday: "short", day: "numeric", timeZone: "UTC" });
  return {
    day: words.day,
    week: words.week,
    legend: { ...words.shares, up: words.up, notWatched: words.notWatched },
    dayName: (date) => day.format(new Date(`${date}T12:00:00Z`)),
    percent: percentIn(words.locale),
    duration: durationIn(words),
  };
}

export function monthLabels(language: Language): MonthPictureLabels {
  const words = WORDS[language];
  return {
    availability: words.availability,
    incidents: words.incidents,
    legend: words.shares,
    percent: percentIn(words.locale),
    duration: durationIn(words),
    more: words.more,
    noOutages: words.noOutages,
  };
}

/** "Laporan Oktober 2026", and "12 cabang · 148 server" below it. */
export function monthTitles(
  language: Language,
  month: string,
  counts: { readonly sites: number; readonly servers: number },
): { readonly title: string; readonly subtitle: string; readonly withoutSite: string } {
  const words = WORDS[language];
  const name = new Intl.DateTimeFormat(words.locale, { month: "long", year: "numeric", timeZone: "UTC" });
  const parts = [...(counts.sites > 0 ? [words.sites(counts.sites)] : []), words.servers(counts.servers)];
  return {
    title: words.report(name.format(new Date(`${month}-15T12:00:00Z`))),
    subtitle: parts.join(" · "),
    withoutSite: words.withoutSite,
  };
}
