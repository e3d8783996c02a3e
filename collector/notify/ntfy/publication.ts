/**
 * What is published to a topic: texts within ntfy's limits, how urgent it is, its mark, and where a tap leads.
 * Why cut here: ntfy turns a longer message into an attachment, and nobody opens a file to learn of an outage.
 * Pure. Must not: write texts.
 */
import type { IncidentKind } from "../../core/types/incident.ts";
import type { Step } from "../../core/types/telling.ts";
import type { SendRequest, Telling } from "../channel.ts";
import { httpUrl } from "../http/address.ts";

/** Bytes of a message; a longer one becomes an attachment (ntfy's `message-size-limit`). */
export const MESSAGE_BYTES_MAX = 4_096;
/** ntfy reads twice that of JSON and refuses the rest (413). */
export const JSON_BYTES_MAX = 2 * MESSAGE_BYTES_MAX;
/** UTF-16 units: a phone shows less, and the message has room beside it. */
export const TITLE_LENGTH_MAX = 250;

export interface Publication {
  readonly topic: string;
  readonly title: string;
  readonly message: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly click?: string;
}

export interface NtfyText {
  readonly title: string;
  readonly text: string;
}

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * The text, or as many of its whole characters and a `…` as fit. `fits` must hold for a shorter text when it does for a
 * longer one, and for none of more than `unitsMax` UTF-16 units.
 */
export function shortened(text: string, unitsMax: number, fits: (text: string) => boolean): string {
  if (text.length <= unitsMax && fits(text)) return text;
  const characters = Array.from(segmenter.segment(text.slice(0, unitsMax + 1)), ({ segment }) => segment);
  const cut = (count: number) => `${characters.slice(0, count).join("").trimEnd()}…`;
  let kept = 0;
  let tooMany = characters.length;
  while (tooMany - kept > 1) {
    const middle = Math.floor((kept + tooMany) / 2);
    if (cut(middle).length <= unitsMax && fits(cut(middle))) kept = middle;
    else tooMany = middle;
  }
  return cut(kept);
}

/** Without what no phone shows; lone surrogates would become three bytes each on the way. */
function clean(text: string): string {
  return text
    .replaceAll(/\p{Surrogate}/gu, "\ufffd")
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
    .trim();
}

/** 1 to 5: quietest, quiet, usual, high (a person should look), highest (rings on). */
const PRIORITIES: Readonly<Record<Step, 1 | 2 | 3 | 4 | 5>> = {
  down: 4,
  worse: 4,
  repeat: 4,
  recovered: 3,
  told_late: 3,
  announced: 3,
  announced_over: 3,
  never_came: 3,
  flapping: 4,
  flapping_digest: 3,
  flapping_over: 3,
  duplicate: 3,
  duplicate_over: 3,
  recipient_lost: 4,
  channel_lost: 4,
  channel_back: 3,
  // It shows whether an outage would be noticed.
  drill: 4,
  digest: 2,
  report: 2,
  edit: 1,
  pin: 1,
  board: 1,
};
/** Many people stand still, or nobody is watched any more. */
const WIDE: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  "site_down",
  "mass_outage",
  "collector_trouble",
]);
const SILENT_PRIORITY = 2;

function priorityOf({ step, message }: Telling): number {
  const priority = PRIORITIES[step];
  const isOutage = step === "down" || step === "worse" || step === "repeat";
  return isOutage && WIDE.has(message.kind) ? 5 : priority;
}

/** Names of emoji that ntfy shows before the title. */
const TAGS: Readonly<Record<Step, string | null>> = {
  down: "rotating_light",
  worse: "rotating_light",
  repeat: "rotating_light",
  recovered: "white_check_mark",
  told_late: "white_check_mark",
  announced: "loudspeaker",
  announced_over: "white_check_mark",
  never_came: "warning",
  flapping: "warning",
  flapping_digest: "warning",
  flapping_over: "white_check_mark",
  duplicate: "warning",
  duplicate_over: "white_check_mark",
  recipient_lost: "warning",
  channel_lost: "warning",
  channel_back: "white_check_mark",
  drill: "bell",
  digest: "bar_chart",
  report: "bar_chart",
  edit: null,
  pin: null,
  board: null,
};

/** The message of one request. Its JSON is at most `JSON_BYTES_MAX`. */
export function publicationOf(topic: string, request: SendRequest, { title, text }: NtfyText): Publication {
  const { tellings, silent } = request;
  const highest = Math.max(...tellings.map(priorityOf));
  const tags = new Set(tellings.flatMap(({ step }) => TAGS[step] ?? []));
  const click = tellings
    .map(({ message }) => (message.panelUrl === null ? null : httpUrl(message.panelUrl)))
    .find((url) => url !== null);
  const titled: Publication = {
    topic,
    title: shortened(clean(title).replaceAll(/\s+/g, " "), TITLE_LENGTH_MAX, () => true),
    message: "",
    priority: silent ? Math.min(highest, SILENT_PRIORITY) : highest,
    tags: [...tags],
    ...(click ? { click: click.href } : {}),
  };
  const jsonBytesMax = JSON_BYTES_MAX - Buffer.byteLength(JSON.stringify(titled));
  // An empty one would be told as "triggered".
  const message = shortened(
    clean(text) || titled.title,
    MESSAGE_BYTES_MAX,
    (cut) =>
      Buffer.byteLength(cut) <= MESSAGE_BYTES_MAX && Buffer.byteLength(JSON.stringify(cut)) <= jsonBytesMax,
  );
  return { ...titled, message };
}
