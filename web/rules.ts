/**
 * What staff may set, as schemas: one set of rules for the forms and the JSON API.
 * Why: a limit that holds on one door only is none. A broken rule is named by a word (`rule:address`); forms and API put it
 * into a sentence.
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
} as const;

const rule = (name: string) => ({ error: `rule:${name}` });

/** A number at all; its bounds are told by themselves. */
const numeric = () =>
  z.number({
    error: (issue: { readonly code?: string | undefined }) =>
      issue.code === "invalid_type" ? "rule:number" : undefined,
  });

/** Text of one line: control characters would break a message or a log. */
const line = (max: number) =>
  z
    .string()
    .transform((text) => text.replace(/\p{C}+/gu, " ").trim())
    .pipe(z.string().max(max));
const name = line(ruleLimits.nameLength).pipe(z.string().min(1, rule("required")));
/** Ids are made by the collector; here only their shape is held. */
const id = z.string().min(1).max(64);
const emptyAsNull = (value: unknown) => (typeof value === "string" && value.trim() === "" ? null : value);
const nullable = <T extends z.ZodType>(schema: T) => z.preprocess(emptyAsNull, schema.nullable());

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const IPV6 = /^(?=.*:.*:)[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]{1,15})?$/;
/** It is handed to a ping program: nothing that could be read as an option or a shell word. */
const address = z
  .string()
  .trim()
  .refine((text) => HOST_NAME.test(text) || IPV6.test(text), rule("address"));

const ports = z
  .array(z.number(rule("ports")).int(rule("ports")).min(1, rule("ports")).max(65_535, rule("ports")))
  .max(ruleLimits.portsMax, rule("ports"))
  .transform((list) => [...new Set(list)]);

/** One port, or a port typed into a form. */
const port = z.number(rule("port")).int(rule("port")).min(1, rule("port")).max(65_535, rule("port"));

/** A whole http(s) address. A user name or password in it would be shown on pages and sent on each probe. */
const pageUrl = z
  .string()
  .trim()
  .max(ruleLimits.urlLength)
  .refine((text) => {
    // Control characters and spaces are quietly dropped by URL, which would ask another page than was typed.
    if (!/^https?:\/\/[\x21-\x7e]+$/i.test(text) || !URL.canParse(text)) return false;
    const url = new URL(text);
    return url.username === "" && url.password === "" && url.hostname !== "" && url.port !== "0";
  }, rule("url"));

const check = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("tcp"), port }),
    z.object({
      type: z.literal("http"),
      url: pageUrl,
      expectedStatus: nullable(
        z
          .number(rule("statusCode"))
          .int(rule("statusCode"))
          .min(100, rule("statusCode"))
          .max(599, rule("statusCode")),
      ).default(null),
      expectedText: nullable(line(ruleLimits.expectedTextLength)).default(null),
    }),
  ],
  rule("choice"),
);

const latitude = nullable(numeric().min(-90).max(90));
const longitude = nullable(numeric().min(-180).max(180));

interface Place {
  readonly latitude: number | null;
  readonly longitude: number | null;
}
const wholePlace = (place: Place) => (place.latitude === null) === (place.longitude === null);
const placeRule = { error: "rule:coordinates", path: ["latitude"] };

export const siteRules = z
  .object({
    name,
    code: line(40).default(""),
    address: line(ruleLimits.textLength).default(""),
    latitude: latitude.default(null),
    longitude: longitude.default(null),
    timeZone: z
      .string()
      .trim()
      .refine((zone) => {
        try {
          return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "" && zone.length <= 64;
        } catch {
          return false;
        }
      }, rule("timeZone")),
    gatewayAddress: nullable(address).default(null),
    contact: line(ruleLimits.textLength).default(""),
    provider: line(ruleLimits.textLength).default(""),
    circuitId: line(ruleLimits.textLength).default(""),
  })
  .refine(wholePlace, placeRule);

export const serverRules = z
  .object({
    name,
    siteId: nullable(id).default(null),
    mode: z.enum(["agent", "ping"], rule("choice")).default("agent"),
    address: nullable(address).default(null),
    probePorts: ports.default([]),
    check: check.nullable().default(null),
    downAfterSeconds: nullable(
      numeric().int(rule("number")).min(1).max(ruleLimits.downAfterSecondsMax),
    ).default(null),
    latitude: latitude.default(null),
    longitude: longitude.default(null),
    parentId: nullable(id).default(null),
    tags: z
      .array(line(ruleLimits.tagLength))
      .max(ruleLimits.tagsMax)
      .transform((tags) => [...new Set(tags.filter(Boolean))])
      .default([]),
  })
  .refine(wholePlace, placeRule)
  // A ping-only server without an address could never be heard.
  .refine(({ mode, address }) => mode === "agent" || address !== null, {
    error: "rule:required",
    path: ["address"],
  })
  // An agent's heartbeats say how it is; a check would only be a second opinion that nobody weighs.
  .refine(({ mode, check: asked }) => mode === "ping" || asked === null, {
    error: "rule:checkPingOnly",
    path: ["check"],
  });

export const tryRules = z.object({
  address,
  probePorts: ports.default([]),
  check: check.nullable().default(null),
});

const moment = z.number(rule("moment")).int(rule("moment"));

/** A window, its moments in Unix ms; `nowMs`: one that is over already would mute nothing. That it ends after it starts is the collector's rule. */
export const maintenanceRules = (nowMs: number) =>
  z
    .object({
      siteId: nullable(id).default(null),
      serverId: nullable(id).default(null),
      startsAt: moment.max(nowMs + ruleLimits.maintenanceAheadMsMax, rule("tooFar")).default(nowMs),
      endsAt: moment.min(nowMs, rule("ended")),
      note: line(ruleLimits.textLength).default(""),
    })
    .refine(({ siteId, serverId }) => siteId === null || serverId === null, {
      error: "rule:oneScope",
      path: ["serverId"],
    })
    .refine(({ startsAt, endsAt }) => endsAt - startsAt <= ruleLimits.maintenanceMsMax, {
      error: "rule:tooLongWindow",
      path: ["endsAt"],
    });

export const enrollmentRules = z.object({
  siteId: nullable(id).default(null),
  serverId: nullable(id).default(null),
  uses: z.number().int().min(1).max(ruleLimits.enrollmentUsesMax).default(1),
  expiresInSeconds: z
    .number()
    .int()
    .min(ruleLimits.enrollmentSecondsMin)
    .max(ruleLimits.enrollmentSecondsMax)
    .default(24 * 3_600),
});

const language = z.enum(["id", "en"], rule("choice"));

export const recipientRules = z.object({
  channel: z.enum(["telegram"], rule("choice")).default("telegram"),
  /** A chat id, with a topic's id behind a slash in a forum. Numbers are taken as well: chat ids look like one. */
  address: z
    .union([z.string().trim(), z.number().int().transform(String)], rule("chatId"))
    .pipe(z.string().regex(/^-?[1-9]\d{0,19}(\/[1-9]\d{0,9})?$/, rule("chatId"))),
  name,
  language,
  enabled: z.boolean().default(true),
});

export const linkCodeRules = z.object({ name, language });

export const noteRules = z.object({
  text: z
    .string()
    .trim()
    .min(1, rule("required"))
    .max(ruleLimits.noteLength)
    .transform((text) => text.replace(/[^\P{C}\n]/gu, " ")),
});
