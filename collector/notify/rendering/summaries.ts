/**
 * How things are: the daily digest, the monthly report, the pinned board; and the list of what is open, for these and for
 * whoever asks.
 * Must not: leave anything out without counting it.
 */
import type { Message, Summary, SummaryIncident, SummaryPast } from "../../core/types/telling.ts";
import { dayInWords, durationInWords, monthInWords, shortMoment } from "../texts/moments.ts";
import { availabilityInWords } from "../texts/numbers.ts";
import { situationOf } from "../texts/situation.ts";
import type { Texts } from "../texts/texts.ts";
import type { Body, Density, Setting, Told } from "./composition.ts";
import { personIn } from "./handled.ts";
import { iconOf } from "./headline.ts";
import { looksActive, quoted, say, shortLine, type Line, type Span } from "./markup.ts";
import { shortZoned } from "./times.ts";

/** The worst of a day, and of a month. */
const WORST_SHOWN_MAX = { digest: 3, report: 10 } as const;

/** Between what was and what is. */
const BLANK: Line = [];

export interface OpenIncidents {
  /** Oldest first. */
  readonly open: readonly SummaryIncident[];
  /** All of them. */
  readonly openCount: number;
}

/** Where the words of a list come from, and where and when it is read. */
export type ListSetting = Density & {
  readonly texts: Texts;
  readonly timeZone: string;
  readonly nowMs: number;
};

const plain = (text: string): Span => (looksActive(text) ? { text, style: "code" } : { text });

/** `srv-kasir — Cabang Makassar`, `Cabang Makassar (5 server)`, `48 server` */
export function subjectSpans(
  texts: Texts,
  about: Pick<SummaryIncident, "kind" | "serverName" | "memberCount"> & {
    readonly siteName: string | null;
    readonly siteCount?: number;
  },
  nameMax: number,
): readonly Span[] {
  const server = shortLine(about.serverName, nameMax);
  const site = shortLine(about.siteName ?? "", nameMax);
  const many = about.memberCount > 1 ? texts.servers(Math.floor(about.memberCount)) : null;
  switch (about.kind) {
    case "collector_trouble":
      return [];
    case "mass_outage": {
      const sites = Math.floor(about.siteCount ?? 0);
      return [
        { text: sites > 1 ? texts.serversAtSites(Math.floor(about.memberCount), sites) : (many ?? "") },
      ];
    }
    case "site_down":
      return [plain(site || server || texts.unnamed), ...(many === null ? [] : [{ text: ` (${many})` }])];
    default:
      return [plain(server || texts.unnamed), ...(site === "" ? [] : [{ text: " — " }, plain(site)])];
  }
}

/** `🔴 #12 MATI · srv-kasir — Cabang Makassar · sejak 10:02 · ✋ Sari` */
function openLine(setting: ListSetting, incident: SummaryIncident): Line {
  const { texts, timeZone, nowMs, nameMax } = setting;
  const { summary } = texts;
  const subject = subjectSpans(texts, incident, nameMax);
  const by = incident.acknowledgedBy;
  return [
    { text: `${iconOf(incident)} #${incident.number} ` },
    { text: texts.situation[situationOf(incident)].state, style: "bold" },
    ...(subject.some(({ text }) => text !== "") ? [{ text: " · " }, ...subject] : []),
    { text: ` · ${summary.openSince(shortMoment(texts, incident.startedWallMs, timeZone, nowMs))} · ` },
    ...say(by === null ? summary.nobody : summary.takenBy(personIn(texts, by, nameMax))),
  ];
}

/** As many as there is room for; the rest is counted. */
export function openLines(setting: ListSetting, { open, openCount }: OpenIncidents): readonly Line[] {
  const shown = open.slice(0, setting.rowsMax);
  const all = Number.isFinite(openCount) ? Math.max(open.length, Math.floor(openCount)) : open.length;
  const left = all - shown.length;
  return [
    ...shown.map((incident) => openLine(setting, incident)),
    ...(left > 0 ? [say(setting.texts.summary.more(left))] : []),
  ];
}

/** `Semua 148 server sehat`, or how many of them. */
export function healthText(texts: Texts, { servers, up }: Pick<Summary, "servers" | "up">): string {
  if (servers <= 0) return texts.summary.noServers;
  return up >= servers ? texts.summary.allUp(servers) : texts.summary.someUp(up, servers);
}

/** The worst that is open; green when nothing is. */
export function worstIcon(open: readonly Pick<Message, "kind" | "variant">[]): string {
  const icons = new Set(open.map(iconOf));
  return icons.has("🔴") ? "🔴" : icons.has("🟠") ? "🟠" : "🟢";
}

const openText = (texts: Texts, { openCount }: OpenIncidents): string =>
  openCount > 0 ? texts.summary.openIncidents(openCount) : texts.summary.noneOpen;

/** In one line: how many are healthy, and what is open when not all are or something is. */
export function stateText(texts: Texts, summary: Pick<Summary, "servers" | "up"> & OpenIncidents): string {
  const health = healthText(texts, summary);
  const isCalm = summary.openCount === 0 && (summary.up >= summary.servers || summary.servers <= 0);
  return isCalm ? health : `${health} · ${openText(texts, summary)}`;
}

const MINUTE_MS = 60_000;
const minutes = (texts: Texts, value: number) =>
  durationInWords(texts, Math.round(Number.isFinite(value) ? value : 0) * MINUTE_MS);

/** What a day or a month was like. */
export function pastLines(
  setting: ListSetting,
  past: SummaryPast,
  worstMax: number,
): readonly (Line | null)[] {
  const { texts, nameMax } = setting;
  const { summary } = texts;
  const kinds = (["server", "link", "planned", "collector"] as const).filter(
    (kind) => Math.round(past.minutes[kind]) >= 1,
  );
  const total = kinds.reduce((sum, kind) => sum + past.minutes[kind], 0);
  const worst = past.worst.slice(0, worstMax);
  const availability =
    past.availability === null
      ? ""
      : ` ${summary.availability(availabilityInWords(texts, past.availability))}`;
  const incidents =
    past.incidents > 0 ? summary.incidents(past.incidents, minutes(texts, total)) : summary.noIncidents;
  return [
    say(`${incidents}${availability}`),
    kinds.length > 0
      ? say(summary.causes(kinds.map((kind) => summary.minutesOf[kind](minutes(texts, past.minutes[kind])))))
      : null,
    worst.length > 0 ? say(summary.worstHead) : null,
    ...worst.map(({ name, incidents, minutes: lost }) => {
      const shown = quoted(shortLine(name, nameMax) || texts.unnamed);
      return say(`• ${summary.worst(shown, incidents, minutes(texts, lost))}`);
    }),
  ];
}

const NOTHING: Summary = { wallMs: 0, period: null, servers: 0, up: 0, open: [], openCount: 0, past: null };

/** In the recipient's zone, or the setting's. */
export function listSettingOf(setting: Setting, message: Message): ListSetting {
  const { texts, nameMax, rowsMax, recipient } = setting;
  const nowMs = message.summary?.wallMs ?? message.detectedWallMs;
  return { texts, nameMax, rowsMax, nowMs, timeZone: recipient.timeZone ?? message.timeZone };
}

export function boardBody(setting: Setting, { message }: Told): Body {
  const { texts } = setting;
  const list = listSettingOf(setting, message);
  const summary = message.summary ?? NOTHING;
  return {
    head: [{ text: `${worstIcon(summary.open)} ` }, { text: stateText(texts, summary), style: "bold" }],
    lines: [
      ...openLines(list, summary),
      say(texts.summary.updated(shortZoned(texts, list.nowMs, list.timeZone, null))),
    ],
    spare: [],
    withPlace: false,
  };
}

export function digestBody(setting: Setting, { message }: Told): Body {
  const { texts } = setting;
  const list = listSettingOf(setting, message);
  const summary = message.summary ?? NOTHING;
  return {
    head: [...digestHead(texts, summary), { text: ` · ${lowered(stateText(texts, summary))}` }],
    lines: [
      ...(summary.past === null ? [] : pastLines(list, summary.past, WORST_SHOWN_MAX.digest)),
      ...(summary.openCount > 0 ? [BLANK, say(texts.summary.openHead)] : []),
      ...openLines(list, summary),
      summary.openCount > 0 ? BLANK : null,
      say(texts.summary.asOf(shortZoned(texts, list.nowMs, list.timeZone, null))),
    ],
    spare: [],
    withPlace: false,
  };
}

function digestHead(texts: Texts, summary: Summary): Line {
  return [
    { text: "📊 " },
    { text: texts.summary.digest(dayInWords(texts, shortLine(summary.period ?? "", 20))), style: "bold" },
  ];
}

/** The first line of a report; also of one that was asked for. */
export function reportHead(texts: Texts, month: string, past: SummaryPast | null): Line {
  const availability = past?.availability ?? null;
  return [
    { text: "📈 " },
    { text: texts.summary.report(monthInWords(texts, shortLine(month, 20))), style: "bold" },
    ...(availability === null
      ? []
      : [{ text: ` · ${texts.summary.availabilityShort(availabilityInWords(texts, availability))}` }]),
  ];
}

/** What a month was like; its availability stands in the first line already. */
export function reportLines(list: ListSetting, past: SummaryPast): readonly (Line | null)[] {
  return pastLines(list, { ...past, availability: null }, WORST_SHOWN_MAX.report);
}

export function reportBody(setting: Setting, { message }: Told): Body {
  const { texts } = setting;
  const list = listSettingOf(setting, message);
  const summary = message.summary ?? NOTHING;
  const now = shortZoned(texts, list.nowMs, list.timeZone, null);
  return {
    head: reportHead(texts, summary.period ?? "", summary.past),
    lines: [
      ...(summary.past === null ? [] : reportLines(list, summary.past)),
      BLANK,
      say(`${texts.summary.asOf(now)}: ${lowered(stateText(texts, summary))}`),
      ...openLines(list, summary),
    ],
    spare: [],
    withPlace: false,
  };
}

/** The first line in one piece, where it is one of several. */
export function summaryTitle(texts: Texts, { step, summary }: Message): string {
  const period = shortLine(summary?.period ?? "", 20);
  if (step === "digest") return texts.summary.digest(dayInWords(texts, period));
  return step === "report"
    ? texts.summary.report(monthInWords(texts, period))
    : stateText(texts, summary ?? NOTHING);
}

/** In the middle of a line. */
export function lowered(text: string): string {
  return `${text.slice(0, 1).toLocaleLowerCase("en")}${text.slice(1)}`;
}
