/**
 * What rules are made of: limits, and the shapes that several of them hold (names, addresses, lists of ids, zones).
 * Why apart: servers and those who are told of them must mean the same by a name or a site.
 * Must not: know requests, texts or the source.
 */
import * as z from "zod";

export const ruleLimits = {
  /** A name fits one line of a phone twice over, and a Telegram message many times. */
  nameLength: 120,
  /** Free text of a site: an address, a contact with hours. */
  textLength: 300,
  /** A note on an incident. */
  noteLength: 2_000,
  /** A probe asks all ports at once, each within its own time; more would be a scan. */
  portsMax: 8,
  tagsMax: 20,
  tagLength: 40,
  /** A week: a silence longer than that is not watching. */
  downAfterSecondsMax: 7 * 24 * 3_600,
  /** An address of a page, and a word to find in it. */
  urlLength: 500,
  expectedTextLength: 200,
  /** Work that takes longer than a month is no maintenance: the mute would be forgotten. */
  maintenanceMsMax: 31 * 24 * 3_600_000,
  /** Plans further ahead than a year are typing mistakes. */
  maintenanceAheadMsMax: 366 * 24 * 3_600_000,
  enrollmentUsesMax: 1_000,
  /** A month, for a roll-out; and a minute, or nobody could type it. */
  enrollmentSecondsMax: 31 * 24 * 3_600,
  enrollmentSecondsMin: 60,
  /** Longer ones are no addresses; many servers stop reading near this. */
  receiverUrlLength: 2_000,
  tokenLength: 200,
  /** People who may press in one chat; more are better left out, as everybody. */
  peopleMax: 100,
  /** A company has 10 to 500 branches. */
  sitesMax: 1_000,
  /** Whom one step of a route names. */
  recipientsMax: 200,
  /** Ten people woken one after the other are a list nobody keeps in mind. */
  routeStepsMax: 10,
  /** A week: whoever is called later is not called for this outage. */
  routeStepSecondsMax: 7 * 24 * 3_600,
  repeatsMax: 10,
  /** More often than each minute nobody reads; a month is as good as never. */
  repeatSecondsMin: 60,
  repeatSecondsMax: 31 * 24 * 3_600,
} as const;

export const rule = (name: string) => ({ error: `rule:${name}` });

/** A number at all; its bounds are told by themselves. */
export const numeric = () =>
  z.number({
    error: (issue: { readonly code?: string | undefined }) =>
      issue.code === "invalid_type" ? "rule:number" : undefined,
  });

/** Text of one line: control characters would break a message or a log. */
export const line = (max: number) =>
  z
    .string()
    .transform((text) => text.replace(/\p{C}+/gu, " ").trim())
    .pipe(z.string().max(max));
export const name = line(ruleLimits.nameLength).pipe(z.string().min(1, rule("required")));
/** Ids are made by the collector; here only their shape is held. */
export const id = z.string().min(1).max(64);
const emptyAsNull = (value: unknown) => (typeof value === "string" && value.trim() === "" ? null : value);
export const nullable = <T extends z.ZodType>(schema: T) => z.preprocess(emptyAsNull, schema.nullable());

/** A list of ids, each once. */
export const ids = (max: number) =>
  z
    .array(id)
    .max(max)
    .transform((list) => [...new Set(list)]);

export const tags = z
  .array(line(ruleLimits.tagLength))
  .max(ruleLimits.tagsMax)
  .transform((list) => [...new Set(list.filter(Boolean))]);

export const timeZone = z
  .string()
  .trim()
  .refine((zone) => {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "" && zone.length <= 64;
    } catch {
      return false;
    }
  }, rule("timeZone"));

export const moment = z.number(rule("moment")).int(rule("moment"));

export const language = z.enum(["id", "en"], rule("choice"));

/** A whole http(s) address. A user name or password in it would be shown on pages and sent with each request. */
export function isHttpUrl(text: string): boolean {
  // Control characters and spaces are quietly dropped by URL, which would ask another page than was typed.
  if (!/^https?:\/\/[\x21-\x7e]+$/i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === "" && url.password === "" && url.hostname !== "" && url.port !== "0";
}

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const IPV6 = /^(?=.*:.*:)[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]{1,15})?$/;
/** It is handed to a ping program: nothing that could be read as an option or a shell word. */
export const address = z
  .string()
  .trim()
  .refine((text) => HOST_NAME.test(text) || IPV6.test(text), rule("address"));

export const ports = z
  .array(z.number(rule("ports")).int(rule("ports")).min(1, rule("ports")).max(65_535, rule("ports")))
  .max(ruleLimits.portsMax, rule("ports"))
  .transform((list) => [...new Set(list)]);
