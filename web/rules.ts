/**
 * What staff may set of what is watched, as schemas: one set of rules for the forms and the JSON API. Those of who is told are
 * in rules-telling.ts.
 * Why: a limit that holds on one door only is none. A broken rule is named by a word (`rule:address`); forms and API put it
 * into a sentence.
 * Must not: know requests, texts or the source.
 */
import * as z from "zod";
import {
  address,
  id,
  isHttpUrl,
  line,
  moment,
  name,
  nullable,
  numeric,
  ports,
  rule,
  ruleLimits,
  tags,
  timeZone,
} from "./rule-parts.ts";

/** One port, or a port typed into a form. */
const port = z.number(rule("port")).int(rule("port")).min(1, rule("port")).max(65_535, rule("port"));

const pageUrl = z.string().trim().max(ruleLimits.urlLength).refine(isHttpUrl, rule("url"));

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
    timeZone,
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
    tags: tags.default([]),
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

export const noteRules = z.object({
  text: z
    .string()
    .trim()
    .min(1, rule("required"))
    .max(ruleLimits.noteLength)
    .transform((text) => text.replace(/[^\P{C}\n]/gu, " ")),
});
