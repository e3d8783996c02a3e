/**
 * Who is told, as the panel asks and commands it: recipients and their keys, link codes, routes, drills.
 * Why apart from the source: what is watched is there; this is who hears of it.
 * Must not: change the state (commands are events), or give a secret away but once, when it is made.
 */
import { createHash, randomBytes } from "node:crypto";
import { nanoid } from "nanoid";
import { recipientFrom } from "./core/recipients.ts";
import type { State } from "./core/state.ts";
import type { Reply } from "./core/types/effects.ts";
import type { EventBody } from "./core/types/events.ts";
import type { IncidentKind } from "./core/types/incident.ts";
import type { Language, Recipient, Route } from "./core/types/registry.ts";
import type { Message } from "./core/types/telling.ts";
import {
  announcementView,
  drillViews,
  recipientView,
  routeViews,
  untoldViews,
} from "./panel-telling-views.ts";
import type { CommandResult, PanelSource } from "../web/source.ts";
import type { RecipientInput } from "../web/source-recipients.ts";

/** A link code is typed by a person into a chat: short, but 32^10 possibilities and 15 minutes to try. */
const LINK_CODE_LENGTH = 10;
const LINK_CODE_MS = 15 * 60_000;
/** As Standard Webhooks has it: 24 to 64 bytes. */
const WEBHOOK_KEY_BYTES = 32;

export interface TellingParts {
  readonly state: State;
  readonly push: (event: EventBody) => Promise<Reply>;
  readonly now: () => number;
  /** Word for word what users of a branch read in a chat, without markup. */
  readonly announcementText: (message: Message, language: Language) => string;
}

type TellingSource = Pick<
  PanelSource,
  | "recipients"
  | "routes"
  | "untold"
  | "drills"
  | "announcement"
  | "saveRecipient"
  | "renewSecret"
  | "removeRecipient"
  | "createLinkCode"
  | "saveRoute"
  | "removeRoute"
  | "startDrill"
>;

export function createTelling({ state, push, now, announcementText }: TellingParts): TellingSource {
  const { tables } = state;

  const answered = async <T>(event: EventBody, value: T): Promise<CommandResult<T>> => {
    const reply = await push(event);
    return reply.ok ? { ok: true, value } : reply;
  };

  return {
    recipients: () => [...tables.recipient.values()].map(recipientView),
    routes: () => routeViews(state),
    untold: () => untoldViews(state, now()),
    drills: () => drillViews(state),
    announcement(incidentId, over) {
      const incident = tables.incident.get(incidentId);
      return incident ? announcementView(state, incident, over, now(), announcementText) : null;
    },

    saveRecipient(id, input) {
      const before = id === null ? undefined : tables.recipient.get(id);
      if (id !== null && !before) return refused("recipient_not_found");
      // Its rows are written for a channel: one of another is another recipient.
      if (before && before.channel !== input.channel) return refused("channel_fixed");
      const isUnsigned = input.channel === "webhook" && !before && input.secret === undefined;
      const madeSecret = isUnsigned ? newWebhookKey() : null;
      const secret = madeSecret ?? (input.secret === undefined ? (before?.secret ?? null) : input.secret);
      const recipient = recipientOf(id ?? nanoid(), input, secret, before, now());
      return answered({ type: "recipient_saved", recipient }, { id: recipient.id, madeSecret });
    },
    async renewSecret(id) {
      const recipient = tables.recipient.get(id);
      if (!recipient) return { ok: false, code: "recipient_not_found" };
      if (recipient.channel !== "webhook") return { ok: false, code: "key_only_for_webhooks" };
      const secret = newWebhookKey();
      return answered({ type: "recipient_saved", recipient: { ...recipient, secret } }, secret);
    },
    removeRecipient: (recipientId) => answered({ type: "recipient_removed", recipientId }, undefined),

    async createLinkCode({ name, language, audience, siteIds }) {
      if (siteIds.some((id) => !tables.site.has(id))) return { ok: false, code: "site_not_found" };
      const code = nanoid(LINK_CODE_LENGTH);
      const expiresWallMs = now() + LINK_CODE_MS;
      const codeHash = createHash("sha256").update(code).digest("base64url");
      const linkCode = { codeHash, name, language, audience, siteIds, expiresWallMs };
      return answered({ type: "link_code_created", linkCode }, { code, expiresAtMs: expiresWallMs });
    },

    saveRoute(id, input) {
      const before = id === null ? undefined : tables.route.get(id);
      if (id !== null && !before) return refused("route_not_found");
      const route: Route = {
        id: id ?? nanoid(),
        name: input.name,
        enabled: input.enabled,
        siteIds: input.siteIds,
        tags: input.tags,
        // Held to the list of kinds by the rules of the panel.
        kinds: input.kinds as readonly IncidentKind[],
        steps: input.steps.map(({ afterSeconds, to }) => ({ afterMs: Math.round(afterSeconds * 1000), to })),
        repeatMs: input.repeatSeconds.map((seconds) => Math.round(seconds * 1000)),
        fallbackRecipientIds: input.fallbackRecipientIds,
        createdWallMs: before?.createdWallMs ?? now(),
      };
      return answered({ type: "route_saved", route }, route.id);
    },
    removeRoute: (routeId) => answered({ type: "route_removed", routeId }, undefined),

    startDrill(recipientIds, by) {
      const all = [...tables.recipient.values()].filter(
        ({ enabled, audience }) => enabled && audience === "staff",
      );
      const ids = recipientIds ?? all.map(({ id }) => id);
      if (ids.length === 0) return refused("nobody_to_drill");
      const drillId = nanoid();
      return answered({ type: "drill_started", drillId, recipientIds: ids, by }, drillId);
    },
  };
}

/** As staff wish it; what the channel learned of it stays (the core keeps its pace and its board). */
function recipientOf(
  id: string,
  input: RecipientInput,
  secret: string | null,
  before: Recipient | undefined,
  nowMs: number,
): Recipient {
  const { enabled, secret: _, ...wishes } = input;
  const recipient = recipientFrom(id, { ...wishes, secret }, before?.createdWallMs ?? nowMs, enabled);
  return { ...recipient, disabledReason: before?.disabledReason ?? null };
}

function newWebhookKey(): string {
  return `whsec_${randomBytes(WEBHOOK_KEY_BYTES).toString("base64")}`;
}

function refused(code: string): Promise<{ readonly ok: false; readonly code: string }> {
  return Promise.resolve({ ok: false, code });
}
