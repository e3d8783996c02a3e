/**
 * A month as a picture: for each site (or server, when there are few) how long it was out and whose minutes those were;
 * the worst on top; availability; totals.
 * Why: the monthly report is read on a phone by people who will not open the panel.
 * Must not: hold words of its own (they are handed in, in the reader's language), or add figures up itself but for order.
 */
import type { IncidentMinutes } from "../core/types/incident.ts";
import type { PeriodFigures } from "./outages.ts";
import { allMinutes, countedMinutes, SHARES, type Share } from "./shares.ts";
import {
  COLOURS,
  legend,
  MARGIN,
  nameText,
  page,
  PICTURE_WIDTH,
  rectangle,
  shareBox,
  shareItems,
  text,
  upBox,
} from "./svg.ts";

export interface MonthPictureData {
  /** "Laporan Oktober 2026" */
  readonly title: string;
  /** "12 cabang · 148 server" */
  readonly subtitle: string;
  /** All of them, in any order. */
  readonly rows: readonly MonthRow[];
  readonly incidents: number;
  readonly minutes: IncidentMinutes;
  readonly availability: number | null;
  readonly labels: MonthPictureLabels;
}
export interface MonthRow {
  readonly name: string;
  readonly minutes: IncidentMinutes;
  readonly availability: number | null;
}
export interface MonthPictureLabels {
  /** Above the two figures. */
  readonly availability: string;
  readonly incidents: string;
  readonly legend: Readonly<Record<Share, string>>;
  /** "99,42 %"; null: unknown. See `percentOf`. */
  readonly percent: (availability: number | null) => string;
  /** Short: "1 j 12 m". */
  readonly duration: (minutes: number) => string;
  /** Of rows that are not shown: how many, and how many of them were out at all. */
  readonly more: (rows: number, out: number) => string;
  /** Nothing was out at all. */
  readonly noOutages: string;
}

/** Of fewer sites a picture says little: their servers are shown instead. */
const SITES_MIN = 3;
/** More would be too small on a phone. */
const ROWS_MAX = 12;
const TOP = 158;
const ROW_HEIGHT = { min: 48, max: 80 };
const USUAL_HEIGHT = 675;
const MORE_HEIGHT = 48;
const NAME_WIDTH = 370;
const BAR = { x: 430, width: 410 };
/** A row that was out at all shows it. */
const BAR_WIDTH_MIN = 6;

/** A row a site, or a row a server when there are few sites. `withoutSite`: what servers without one stand under. */
export function monthRowsOf(figures: PeriodFigures, withoutSite: string): MonthRow[] {
  const { sites, servers } = figures;
  if (sites.length >= SITES_MIN)
    return sites.map(({ siteId, name, minutes, availability }) => ({
      name: siteId === null ? withoutSite : name,
      minutes,
      availability,
    }));
  return servers.map(({ name, siteName, minutes, availability }) => ({
    name: sites.length > 1 && siteName !== "" ? `${name} — ${siteName}` : name,
    minutes,
    availability,
  }));
}

export function monthPictureSvg(data: MonthPictureData): string {
  const { labels } = data;
  const sorted = data.rows.toSorted(
    (a, b) =>
      countedMinutes(b.minutes) - countedMinutes(a.minutes) ||
      allMinutes(b.minutes) - allMinutes(a.minutes) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const isOut = (row: MonthRow): boolean => allMinutes(row.minutes) > 0;
  if (!sorted.some(isOut)) return page(USUAL_HEIGHT, [heading(data), allWell(labels.noOutages)]);
  const shown = sorted.slice(0, ROWS_MAX);
  const rest = sorted.slice(ROWS_MAX);
  const moreHeight = rest.length > 0 ? MORE_HEIGHT : 0;
  const items = shareItems(withTotals(data));
  const room = (USUAL_HEIGHT - TOP - moreHeight - legend(0, items).height) / shown.length;
  const rowHeight = Math.min(ROW_HEIGHT.max, Math.max(ROW_HEIGHT.min, room));
  const rowsEnd = TOP + shown.length * rowHeight;
  const longest = Math.max(...shown.map((row) => allMinutes(row.minutes)));
  const more = labels.more(rest.length, rest.filter(isOut).length);
  const foot = legend(rowsEnd + moreHeight + 12, items);
  return page(rowsEnd + moreHeight + 12 + foot.height, [
    heading(data),
    ...shown.map((row, index) => monthRow(row, TOP + index * rowHeight, rowHeight, longest, labels)),
    rest.length > 0 ? text(MARGIN, rowsEnd + 34, more, { size: 28, colour: COLOURS.quiet }) : "",
    foot.svg,
  ]);
}

function allWell(words: string): string {
  const box = { x: MARGIN, y: 300, width: PICTURE_WIDTH - 2 * MARGIN, height: 160 };
  const style = { size: 52, bold: true, anchor: "middle" } as const;
  return upBox(box) + text(PICTURE_WIDTH / 2, box.y + 98, `● ${words}`, style);
}

function heading({ title, subtitle, availability, incidents, labels }: MonthPictureData): string {
  const figure = (rightX: number, label: string, value: string): string =>
    text(rightX, 50, label, { size: 28, colour: COLOURS.quiet, anchor: "end" }) +
    text(rightX, 104, value, { size: 46, bold: true, anchor: "end" });
  return (
    nameText(MARGIN, 66, title, 660, { size: 48, bold: true }) +
    nameText(MARGIN, 114, subtitle, 660, { size: 32, colour: COLOURS.quiet }) +
    figure(900, labels.incidents, String(incidents)) +
    figure(PICTURE_WIDTH - MARGIN, labels.availability, labels.percent(availability))
  );
}

function monthRow(
  row: MonthRow,
  y: number,
  height: number,
  longest: number,
  labels: MonthPictureLabels,
): string {
  const bar = { y: y + height * 0.16, height: height * 0.68 };
  const base = y + height / 2 + 10;
  const total = allMinutes(row.minutes);
  const counted = countedMinutes(row.minutes);
  const width = total > 0 ? Math.max(BAR_WIDTH_MIN, (BAR.width * total) / longest) : 0;
  let x = BAR.x;
  const parts = SHARES.filter((share) => row.minutes[share] > 0).map((share) => {
    const part = { x, ...bar, width: (width * row.minutes[share]) / total };
    x += part.width;
    return shareBox(part, share);
  });
  return [
    nameText(MARGIN, base, row.name, NAME_WIDTH, { size: 30 }),
    rectangle({ x: BAR.x, ...bar, width: BAR.width }, "#f1f3f5"),
    ...parts,
    // As in availability and in the order: not what was planned, nor the collector's.
    counted > 0 ? text(BAR.x + BAR.width + 16, base, labels.duration(counted), { size: 28 }) : "",
    text(PICTURE_WIDTH - MARGIN, base, labels.percent(row.availability), {
      size: 30,
      bold: true,
      anchor: "end",
    }),
  ].join("");
}

/** Each share with its minutes in all. */
function withTotals({ minutes, labels }: MonthPictureData): Record<Share, string> {
  const words = (share: Share): string =>
    minutes[share] > 0 ? `${labels.legend[share]} ${labels.duration(minutes[share])}` : labels.legend[share];
  return {
    server: words("server"),
    link: words("link"),
    planned: words("planned"),
    collector: words("collector"),
  };
}
