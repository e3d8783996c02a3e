/**
 * What staff may set of who is told, and ask about an incident, as schemas: one set of rules for the forms and the JSON API.
 * Why apart from rules.ts: those are the things watched; these are people, ways to them, and what happens at night.
 * Must not: know requests, texts or the source. Whether an id means anything, and the order of a route's steps, are the
 * collector's rules.
 */
import * as z from "zod";
import {
  id,
  ids,
  isHttpUrl,
  language,
  line,
  moment,
  name,
  nullable,
  numeric,
  rule,
  ruleLimits,
  tags,
  timeZone,
} from "./rule-parts.ts";

// ── Recipients ───────────────────────────────────────────────────────────────────────────────────────

export const channelNames = ["telegram", "webhook", "ntfy"] as const;
export const audiences = ["staff", "users"] as const;

/** Of the day, 0 to 1,439. */
const minuteOfDay = z
  .number(rule("timeOfDay"))
  .int(rule("timeOfDay"))
  .min(0, rule("timeOfDay"))
  .max(1_439, rule("timeOfDay"));

const personId = z
  .union([z.string().trim(), z.number().int().transform(String)], rule("personIds"))
  .pipe(z.string().regex(/^[1-9]\d{0,19}$/, rule("personIds")));

const wishes = z.object({
  channel: z.enum(channelNames, rule("choice")).default("telegram"),
  /** A chat id may be a number: it looks like one. */
  address: z
    .union([z.string().trim(), z.number().int().transform(String)], rule("required"))
    .pipe(z.string().min(1, rule("required")).max(ruleLimits.receiverUrlLength)),
  name,
  language,
  enabled: z.boolean().default(true),
  /** Left out: the one there is stays. */
  secret: nullable(line(ruleLimits.receiverUrlLength)).optional(),
  audience: z.enum(audiences, rule("choice")).default("staff"),
  siteIds: ids(ruleLimits.sitesMax).default([]),
  detail: z.enum(["full", "short"], rule("choice")).default("full"),
  pin: z.boolean().default(false),
  timeZone: nullable(timeZone).default(null),
  quietHours: z.object({ fromMinute: minuteOfDay, toMinute: minuteOfDay }).nullable().default(null),
  digestMinute: minuteOfDay.nullable().default(null),
  monthlyReport: z.boolean().default(false),
  board: z.boolean().default(false),
  allowedPeople: z
    .array(personId)
    .max(ruleLimits.peopleMax)
    .transform((list) => [...new Set(list)])
    .default([]),
});
type Wishes = z.output<typeof wishes>;

/** A chat id, with a topic's id behind a slash in a forum. */
const CHAT_ID = /^-?[1-9]\d{0,19}(\/[1-9]\d{0,9})?$/;
/** ntfy's own rule for a topic's name; ntfy is always at the root of its host. */
const TOPIC_PATH = /^\/[-_A-Za-z0-9]{1,64}\/?$/;
/** What a header carries. */
const TOKEN = /^[\x21-\x7e]+$/;

function isTopic(text: string): boolean {
  if (!isHttpUrl(text)) return false;
  const { pathname, search, hash } = new URL(text);
  return search === "" && hash === "" && TOPIC_PATH.test(pathname);
}

/** As Standard Webhooks has it: the key behind the mark is 24 to 64 bytes in base64. */
function isWebhookSecret(text: string): boolean {
  const [, key] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (key === undefined) return false;
  const bytes = Buffer.from(key, "base64");
  return (
    bytes.length >= 24 &&
    bytes.length <= 64 &&
    bytes.toString("base64").replaceAll("=", "") === key.replaceAll("=", "")
  );
}

function addressProblem({ channel, address }: Wishes): string | null {
  switch (channel) {
    case "telegram":
      return CHAT_ID.test(address) ? null : "chatId";
    case "webhook":
      return isHttpUrl(address) ? null : "webhookUrl";
    case "ntfy":
      return isTopic(address) ? null : "ntfyTopic";
  }
}

function secretProblem({ channel, secret }: Wishes): string | null {
  if (secret == null) return null;
  switch (channel) {
    case "telegram":
      return "noSecret";
    case "webhook":
      return isWebhookSecret(secret) ? null : "webhookSecret";
    case "ntfy":
      return TOKEN.test(secret) && secret.length <= ruleLimits.tokenLength ? null : "ntfyToken";
  }
}

/** What a channel or an audience does not have is refused, not dropped: nobody should wait for a board that never comes. */
function problemsOfWishes(wishes: Wishes): readonly (readonly [keyof Wishes, string | null])[] {
  const { channel, audience, quietHours } = wishes;
  const only = (isAllowed: boolean, isWanted: boolean, word: string) =>
    isWanted && !isAllowed ? word : null;
  const isTelegram = channel === "telegram";
  const isStaff = audience === "staff";
  return [
    ["address", addressProblem(wishes)],
    ["secret", secretProblem(wishes)],
    ["siteIds", only(!isStaff, wishes.siteIds.length > 0, "usersOnly")],
    ["pin", only(isTelegram, wishes.pin, "telegramOnly")],
    ["quietHours", quietHours && quietHours.fromMinute === quietHours.toMinute ? "quietSame" : null],
    ["digestMinute", only(isStaff, wishes.digestMinute !== null, "staffOnly")],
    ["monthlyReport", only(isStaff, wishes.monthlyReport, "staffOnly")],
    ["board", only(isTelegram, wishes.board, "telegramOnly") ?? only(isStaff, wishes.board, "staffOnly")],
    ["allowedPeople", only(isTelegram, wishes.allowedPeople.length > 0, "telegramOnly")],
  ];
}

export const recipientRules = wishes.superRefine((value, context) => {
  for (const [field, word] of problemsOfWishes(value))
    if (word !== null) context.addIssue({ code: "custom", path: [field], message: `rule:${word}` });
});

export const linkCodeRules = z
  .object({
    name,
    language,
    audience: z.enum(audiences, rule("choice")).default("staff"),
    siteIds: ids(ruleLimits.sitesMax).default([]),
  })
  .refine(({ audience, siteIds }) => audience === "users" || siteIds.length === 0, {
    error: "rule:usersOnly",
    path: ["siteIds"],
  });

// ── Routes, drills ───────────────────────────────────────────────────────────────────────────────────

export const incidentKinds = [
  "host_down",
  "host_hung",
  "agent_down",
  "path_down",
  "site_down",
  "mass_outage",
  "not_back",
  "collector_trouble",
  "health",
] as const;

const someone = ids(ruleLimits.recipientsMax).pipe(z.array(id).min(1, rule("someone")));

const step = z.object({
  afterSeconds: numeric()
    .int(rule("number"))
    .min(0, rule("stepTime"))
    .max(ruleLimits.routeStepSecondsMax, rule("stepTime")),
  to: z.union([z.literal("everyone"), someone], rule("someone")),
});

const routeFields = {
  name,
  enabled: z.boolean(),
  siteIds: ids(ruleLimits.sitesMax),
  tags,
  kinds: z.array(z.enum(incidentKinds, rule("choice"))).transform((list) => [...new Set(list)]),
  steps: z
    .array(step, {
      error: (issue: { readonly code?: string | undefined }) =>
        issue.code === "invalid_type" ? "rule:required" : undefined,
    })
    .min(1, rule("someone"))
    .max(ruleLimits.routeStepsMax),
  repeatSeconds: z
    .array(
      numeric()
        .int(rule("number"))
        .min(ruleLimits.repeatSecondsMin, rule("repeatWait"))
        .max(ruleLimits.repeatSecondsMax, rule("repeatWait")),
    )
    .max(ruleLimits.repeatsMax),
  fallbackRecipientIds: ids(ruleLimits.recipientsMax),
};

export const routeRules = z.object({
  ...routeFields,
  enabled: routeFields.enabled.default(true),
  siteIds: routeFields.siteIds.default([]),
  tags: routeFields.tags.default([]),
  kinds: routeFields.kinds.default([]),
  repeatSeconds: routeFields.repeatSeconds.default([]),
  fallbackRecipientIds: routeFields.fallbackRecipientIds.default([]),
});

/**
 * Some of a route. Each field for itself: a route whose recipient was removed may have a step that tells nobody, and can still
 * be renamed or switched off.
 */
export const routeChangeRules = z.object(routeFields).partial();

export const drillRules = z.object({ recipientIds: someone.optional() });

// ── About an incident ────────────────────────────────────────────────────────────────────────────────

/** Unix ms; null: until it has recovered. A moment that is over ends the quiet. */
export const quietRules = (nowMs: number) =>
  z.object({ untilAt: moment.max(nowMs + ruleLimits.maintenanceMsMax, rule("tooLongWindow")).nullable() });

export const announceRules = z.object({ over: z.boolean().default(false) });
