/**
 * One server's last seven days as a picture: a strip a day, midnight to midnight at its site, outages as bands.
 * Why: at night, on a phone, it says at a glance whether this happens each day, at the same hour, or never before.
 * Must not: hold words of its own (they are handed in, in the reader's language), or read a clock.
 */
import { dayAfter, dayEdges, localMoment, MINUTES_OF_DAY, nextMinuteOfDay } from "./calendar.ts";
import { minutesIn, type Outage } from "./outages.ts";
import { countedMinutes, SHARES, type Share } from "./shares.ts";
import { clippedSpan, withoutSpans, type Span } from "./spans.ts";
import {
  COLOURS,
  emptyBox,
  legend,
  line,
  MARGIN,
  nameText,
  page,
  PICTURE_WIDTH,
  shareBox,
  shareItems,
  text,
  upBox,
  type Box,
} from "./svg.ts";

export interface ServerPictureData {
  readonly serverName: string;
  /** Empty: it has none. */
  readonly siteName: string;
  readonly timeZone: string;
  readonly nowMs: number;
  /** It is registered since; before is no time that was watched. */
  readonly watchedFromMs: number;
  readonly pausedSpans: readonly Span[];
  /** At least those of the last eight days. */
  readonly outages: readonly Outage[];
  readonly collectorTrouble: readonly Span[];
  readonly availability: { readonly day: number | null; readonly week: number | null };
  readonly labels: ServerPictureLabels;
}
export interface ServerPictureLabels {
  /** Above the two figures: "24 jam", "7 hari". */
  readonly day: string;
  readonly week: string;
  readonly legend: Readonly<Record<Share | "up" | "notWatched", string>>;
  /** Of a day (`2026-11-30`), short: "Sen 30". */
  readonly dayName: (day: string) => string;
  /** "99,42 %"; null: unknown. See `percentOf`. */
  readonly percent: (availability: number | null) => string;
  /** Of minutes down, short: "1 j 12 m". */
  readonly duration: (minutes: number) => string;
}

const DAYS = 7;
const HEIGHT_MIN = 675;
const STRIP = { x: 212, width: 788, height: 42 };
const FIRST_ROW_Y = 182;
const ROW_HEIGHT = 58;
const LEGEND_GAP = 16;
/** A band of three minutes must still be seen on a phone; where stripes tell what it is, one of them. */
const BAND_WIDTH_MIN: Readonly<Record<Share, number>> = { server: 7, link: 13, planned: 13, collector: 7 };
/** Of more bands than these in a day each is thinner: a day that flaps is not a day down. */
const BANDS_USUAL = 20;
const HOURS = [0, 6, 12, 18, 24];

export function serverPictureSvg(data: ServerPictureData): string {
  const today = localMoment(data.timeZone, data.nowMs).day;
  const days = Array.from({ length: DAYS }, (_, index) => dayAfter(today, index - DAYS + 1));
  const rows = days.map((day, index) => dayRow(data, day, FIRST_ROW_Y + index * ROW_HEIGHT, day === today));
  const first = days[0] ?? today;
  const week = { fromMs: dayEdges(data.timeZone, first).fromMs, toMs: data.nowMs };
  const isUnwatched =
    data.watchedFromMs > week.fromMs || data.pausedSpans.some((span) => clippedSpan(span, week) !== null);
  const { labels } = data;
  const rowsEnd = FIRST_ROW_Y + DAYS * ROW_HEIGHT;
  const foot = legend(rowsEnd + LEGEND_GAP, [
    { words: labels.legend.up, box: upBox },
    ...shareItems(labels.legend),
    ...(isUnwatched ? [{ words: labels.legend.notWatched, box: emptyBox }] : []),
  ]);
  return page(Math.max(HEIGHT_MIN, rowsEnd + LEGEND_GAP + foot.height), [
    heading(data),
    hours(),
    ...rows,
    foot.svg,
  ]);
}

function heading({ serverName, siteName, availability, labels }: ServerPictureData): string {
  const figure = (rightX: number, label: string, value: number | null): string =>
    text(rightX, 50, label, { size: 28, colour: COLOURS.quiet, anchor: "end" }) +
    text(rightX, 104, labels.percent(value), { size: 42, bold: true, anchor: "end" });
  return (
    nameText(MARGIN, 66, serverName, 690, { size: 48, bold: true }) +
    (siteName === "" ? "" : nameText(MARGIN, 114, siteName, 690, { size: 34, colour: COLOURS.quiet })) +
    figure(935, labels.day, availability.day) +
    figure(PICTURE_WIDTH - MARGIN, labels.week, availability.week)
  );
}

function hours(): string {
  return HOURS.map((hour) =>
    text(STRIP.x + (STRIP.width * hour) / 24, FIRST_ROW_Y - 12, String(hour).padStart(2, "0"), {
      size: 26,
      colour: COLOURS.quiet,
      anchor: "middle",
    }),
  ).join("");
}

function dayRow(data: ServerPictureData, day: string, y: number, isToday: boolean): string {
  const edges = dayEdges(data.timeZone, day);
  const lengthMs = edges.toMs - edges.fromMs;
  // A day that the place left out has no length and no strip.
  if (lengthMs <= 0) return "";
  const at = (ms: number): number => STRIP.x + (STRIP.width * (ms - edges.fromMs)) / lengthMs;
  const boxOf = (span: Span): Box => ({
    x: at(span.fromMs),
    y,
    width: at(span.toMs) - at(span.fromMs),
    height: STRIP.height,
  });
  const past = {
    fromMs: Math.max(edges.fromMs, data.watchedFromMs),
    toMs: Math.min(edges.toMs, data.nowMs),
  };
  const watched = withoutSpans(past, data.pausedSpans);
  const minutes = countedMinutes(minutesIn(data.outages, edges));
  // What is closer than two pixels is one.
  const found = bands(data, past, (2 * lengthMs) / STRIP.width);
  const thinner = Math.min(1, BANDS_USUAL / found.length);
  const middle = y + STRIP.height / 2 + 10;
  return [
    nameText(MARGIN, middle, data.labels.dayName(day), STRIP.x - MARGIN - 6, { size: 28, bold: isToday }),
    emptyBox(boxOf(edges)),
    ...watched.map((span) => upBox(boxOf(span))),
    ticks(data.timeZone, edges, at, y),
    ...found.map(({ share, span }) => shareBox(widened(boxOf(span), BAND_WIDTH_MIN[share] * thinner), share)),
    isToday ? line(at(past.toMs), y - 6, at(past.toMs), y + STRIP.height + 6, COLOURS.ink, 4) : "",
    minutes > 0
      ? text(PICTURE_WIDTH - MARGIN, middle, data.labels.duration(minutes), { size: 28, anchor: "end" })
      : "",
  ].join("");
}

/** Where the clock there shows 06, 12 and 18: on a day of 23 or 25 hours they stand elsewhere. */
function ticks(timeZone: string, edges: Span, at: (ms: number) => number, y: number): string {
  return HOURS.slice(1, -1)
    .map((hour) => nextMinuteOfDay(timeZone, (hour / 24) * MINUTES_OF_DAY, edges.fromMs))
    .map((ms) => line(at(ms), y, at(ms), y + STRIP.height, COLOURS.upEdge, 2))
    .join("");
}

interface Band {
  readonly share: Share;
  readonly span: Span;
}

/** What lies over others comes last: the server's own above all. Those of one kind less than `closeMs` apart are drawn as one. */
function bands(data: ServerPictureData, past: Span, closeMs: number): Band[] {
  const found: Band[] = [
    ...data.collectorTrouble.map((span): Band => ({ share: "collector", span })),
    ...data.outages.map((outage): Band => ({ share: outage.mainShare, span: outage })),
  ];
  return SHARES.toReversed().flatMap((share) => {
    const ofShare = found
      .filter((band) => band.share === share)
      .flatMap((band) => clippedSpan(band.span, past) ?? [])
      .sort((a, b) => a.fromMs - b.fromMs);
    const joined: Span[] = [];
    for (const span of ofShare) {
      const last = joined.at(-1);
      if (last && span.fromMs - last.toMs < closeMs)
        joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
      else joined.push({ fromMs: span.fromMs, toMs: span.toMs });
    }
    return joined.map((span) => ({ share, span }));
  });
}

/** At least as wide as can be seen, and inside the strip. */
function widened(box: Box, width: number): Box {
  if (box.width >= width) return box;
  const x = box.x + box.width / 2 - width / 2;
  return { ...box, x: Math.min(Math.max(STRIP.x, x), STRIP.x + STRIP.width - width), width };
}
