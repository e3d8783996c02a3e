/**
 * Answers about one server or one site: how it is, and what one needs at hand to call somebody.
 * Must not: say more of an address than staff may see; these answers are for staff alone.
 */
import { durationInWords, moment } from "../texts/moments.ts";
import { percentInWords } from "../texts/numbers.ts";
import type { Texts } from "../texts/texts.ts";
import type { AnswerSetting, ServerFacts, SiteFacts } from "./answer-facts.ts";
import { STATUSES, SYMBOL } from "./answer-lists.ts";
import type { Body, Density } from "./composition.ts";
import { personIn } from "./handled.ts";
import { iconOf, nameSpan } from "./headline.ts";
import { oneLine, quoted, quotedAddress, say, shortLine, type Line } from "./markup.ts";
import { placeLine } from "./render.ts";
import { lowered, openLines } from "./summaries.ts";
import { shortZoned } from "./times.ts";

const MINUTE_MS = 60_000;
const ADDRESS_LENGTH_MAX = 80;
/** A contact may hold two names and their numbers. */
const CONTACT_LENGTH_MAX = 200;
/** Names of one status; more are counted. */
const NAMES_SHOWN_MAX = 12;

const whole = (text: string, lengthMax: number) => quoted(shortLine(text, lengthMax));

function healthLine(texts: Texts, { cpu, memory, fullestDisk }: ServerFacts): Line | null {
  const { answers: words } = texts;
  const mount = fullestDisk === null ? "" : shortLine(fullestDisk.mount, 30);
  const parts = [
    ...(cpu === null ? [] : [words.cpu(percentInWords(texts, cpu))]),
    ...(memory === null ? [] : [words.memory(percentInWords(texts, memory))]),
    ...(fullestDisk === null ? [] : [words.disk(mount, percentInWords(texts, fullestDisk.share))]),
  ];
  if (parts.length === 0) return null;
  const text = parts.join(" · ");
  // A mount is all slashes, and nobody's command.
  return [{ text: `${text.slice(0, 1).toLocaleUpperCase("en")}${text.slice(1)}` }];
}

function heardText(texts: Texts, { lastHeardMs }: ServerFacts, { timeZone, nowMs }: AnswerSetting): string {
  if (lastHeardMs === null) return texts.answers.neverHeard;
  const ago = durationInWords(texts, nowMs - lastHeardMs);
  return texts.answers.lastHeard(moment(texts, lastHeardMs, timeZone, nowMs), ago);
}

export function serverBody(texts: Texts, server: ServerFacts, setting: AnswerSetting): Body {
  const { answers: words } = texts;
  const { status, siteName, incident, lastDay, sinceMs, address } = server;
  const { timeZone, nowMs } = setting;
  const site = oneLine(siteName ?? "");
  const since = shortZoned(texts, sinceMs, timeZone, nowMs);
  const place = placeLine(server.place);
  return {
    head: [
      { text: `${SYMBOL[status]} ` },
      nameSpan(oneLine(server.name) || texts.unnamed),
      ...say(site === "" ? "" : ` — ${quoted(site)}`),
      { text: ` · ${texts.summary.status[status]}` },
    ],
    lines: [
      incident === null
        ? null
        : say(
            `${iconOf(incident)} ${words.openIncident(
              `#${incident.number}`,
              incident.acknowledgedBy === null ? null : personIn(texts, incident.acknowledgedBy),
            )}`,
          ),
      say(words.since(since, durationInWords(texts, nowMs - sinceMs))),
      say(heardText(texts, server, setting)),
      healthLine(texts, server),
      lastDay === null
        ? null
        : say(
            lastDay.outages > 0
              ? words.lastDay(lastDay.outages, durationInWords(texts, lastDay.minutes * MINUTE_MS))
              : words.lastDayCalm,
          ),
      address === null
        ? null
        : say(words.address(quotedAddress(oneLine(address, ADDRESS_LENGTH_MAX, ADDRESS_LENGTH_MAX)))),
      place,
    ],
    spare: [place],
    withPlace: false,
  };
}

/** `▲ mati: mks-kasir-1, mks-berkas` — of those that are healthy only as many as there is room for. */
function statusLines(texts: Texts, { servers }: SiteFacts, { nameMax, rowsMax }: Density): readonly Line[] {
  const namesMax = Math.min(NAMES_SHOWN_MAX, rowsMax);
  return STATUSES.flatMap((status) => {
    const names = servers.filter((server) => server.status === status).map(({ name }) => name);
    if (names.length === 0) return [];
    const shown = names.slice(0, namesMax).map((name) => whole(name, nameMax) || texts.unnamed);
    const left = names.length - shown.length;
    const listed = left > 0 ? `${shown.join(", ")}, ${texts.andOthers(left)}` : shown.join(", ");
    return [say(`${SYMBOL[status]} ${texts.summary.status[status]}: ${listed}`)];
  });
}

export function siteBody(texts: Texts, site: SiteFacts, setting: AnswerSetting, density: Density): Body {
  const { answers: words, summary } = texts;
  const { timeZone, nowMs } = setting;
  const watched = site.servers.filter(({ status }) => status !== "paused");
  const up = watched.filter(({ status }) => status === "up" || status === "suspect").length;
  const state = up >= watched.length ? summary.allUp(watched.length) : summary.someUp(up, watched.length);
  const code = shortLine(site.code, 20);
  const [provider, circuit] = [whole(site.provider, 60), whole(site.circuitId, 60)];
  const contact = whole(site.contact, CONTACT_LENGTH_MAX);
  const place = placeLine(site.place);
  return {
    head: [
      { text: "🏢 " },
      nameSpan(oneLine(site.name) || texts.unnamed),
      ...say(code === "" ? "" : ` (${quoted(code)})`),
      ...(watched.length === 0 ? [] : [{ text: ` · ${lowered(state)}` }]),
    ],
    lines: [
      ...openLines({ texts, timeZone, nowMs, ...density }, { open: site.open, openCount: site.open.length }),
      ...(site.servers.length === 0 ? [say(words.siteEmpty)] : statusLines(texts, site, density)),
      site.gateway === null
        ? null
        : say(
            words.gateway(
              quotedAddress(oneLine(site.gateway.address, ADDRESS_LENGTH_MAX, ADDRESS_LENGTH_MAX)),
              site.gateway.verdict,
            ),
          ),
      provider === ""
        ? circuit === ""
          ? null
          : say(words.circuit(circuit))
        : say(words.provider(provider, circuit)),
      contact === "" ? null : say(words.contact(contact)),
      place,
    ],
    spare: [place],
    withPlace: false,
  };
}
