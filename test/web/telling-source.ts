/**
 * The part of the test source that knows who is told: recipients, routes, drills, what users would read.
 * Why apart from panel-source.ts: it honours other words of the interface, and needs little of the rest.
 * Must not: import the collector, or match incidents; a test says which places are not told.
 */
import type { Change, CommandResult, PanelSource } from "../../web/source.ts";
import type {
  AnnouncementView,
  DrillRowView,
  RecipientInput,
  RecipientView,
  RouteInput,
  RouteView,
  UntoldView,
} from "../../web/source-recipients.ts";
import { makeRoute } from "./view-samples.ts";

export interface TellingWorld {
  setRecipient(recipient: RecipientView): void;
  setRoute(route: RouteView): void;
  setUntold(places: readonly UntoldView[]): void;
  setDrill(rows: readonly DrillRowView[]): void;
  /** What users would be told, whatever the incident. */
  setAnnouncement(announcement: AnnouncementView): void;
  /** The secret of a recipient, which no view has. */
  secretOf(recipientId: string): string | null;
}

export interface TellingSourceParts {
  readonly now: () => number;
  readonly publish: (change: Change) => void;
  readonly nextId: (kind: string) => string;
  readonly hasSite: (id: string) => boolean;
  readonly command: <T>(name: string, work: () => CommandResult<T>) => Promise<CommandResult<T>>;
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

const refuse = (code: string): { readonly ok: false; readonly code: string } => ({ ok: false, code });
const accept = <T>(value: T): CommandResult<T> => ({ ok: true, value });

export function createTellingSource(parts: TellingSourceParts): TellingSource & TellingWorld {
  const { now, publish, nextId, hasSite, command } = parts;
  const recipients = new Map<string, RecipientView>();
  const secrets = new Map<string, string>();
  const routes = new Map<string, RouteView>([["default", makeRoute()]]);
  let untold: readonly UntoldView[] = [];
  let drill: readonly DrillRowView[] = [];
  let announcement: AnnouncementView = { to: [], texts: [{ language: "id", text: "Gangguan." }] };

  const newKey = () => `whsec_${Buffer.from(nextId("kunci").padEnd(32, "x")).toString("base64")}`;
  const keep = (id: string, secret: string | null) => {
    if (secret === null) secrets.delete(id);
    else secrets.set(id, secret);
  };

  const saveRecipient = (id: string | null, input: RecipientInput) => {
    const known = id === null ? null : recipients.get(id);
    if (known === undefined) return refuse("recipient_not_found");
    if (known && known.channel !== input.channel) return refuse("channel_fixed");
    const isTwin = (other: RecipientView) =>
      other.id !== id && other.channel === input.channel && other.address === input.address;
    if ([...recipients.values()].some(isTwin)) return refuse("recipient_exists");
    if (input.siteIds.some((siteId) => !hasSite(siteId))) return refuse("site_not_found");
    const key = id ?? nextId("r");
    const { secret, ...wishes } = input;
    const madeSecret = input.channel === "webhook" && !known && secret === undefined ? newKey() : null;
    if (madeSecret !== null) keep(key, madeSecret);
    else if (secret !== undefined) keep(key, secret);
    const disabledReason = input.enabled ? null : (known?.disabledReason ?? null);
    recipients.set(key, { ...wishes, id: key, disabledReason, hasSecret: secrets.has(key) });
    publish({ topic: "recipient", id: key });
    return accept({ id: key, madeSecret });
  };

  const saveRoute = (id: string | null, input: RouteInput): CommandResult<string> => {
    const known = id === null ? null : routes.get(id);
    if (known === undefined) return refuse("route_not_found");
    const times = input.steps.map(({ afterSeconds }) => afterSeconds);
    if (times[0] !== 0 || times.some((at, index) => at < (times[index - 1] ?? 0)))
      return refuse("route_steps_wrong");
    const named = [
      ...input.fallbackRecipientIds,
      ...input.steps.flatMap(({ to }) => (to === "everyone" ? [] : to)),
    ];
    if (named.some((recipientId) => !recipients.has(recipientId))) return refuse("recipient_not_found");
    if (input.siteIds.some((siteId) => !hasSite(siteId))) return refuse("site_not_found");
    const key = id ?? nextId("rute");
    routes.set(key, { ...input, id: key, isDefault: known?.isDefault ?? false });
    publish({ topic: "route", id: key });
    return accept(key);
  };

  const startDrill = (ids: readonly string[] | null, by: string): CommandResult<string> => {
    const all = [...recipients.values()].filter(({ enabled, audience }) => enabled && audience === "staff");
    const to = ids === null ? all : ids.map((id) => recipients.get(id));
    if (to.length === 0) return refuse("nobody_to_drill");
    const known = to.filter((one) => one !== undefined);
    if (known.length < to.length) return refuse("recipient_not_found");
    drill = known.map(({ id, name }) => ({
      recipientId: id,
      recipientName: name,
      by,
      status: "queued",
      attempts: 0,
      queuedAtMs: now(),
      settledAtMs: null,
      lastError: null,
    }));
    publish({ topic: "notification", id: "drill-1" });
    return accept("1");
  };

  return {
    recipients: () => [...recipients.values()],
    routes: () => [...routes.values()],
    untold: () => untold,
    drills: () => drill,
    announcement: () => announcement,
    saveRecipient: (id, input) => command("saveRecipient", () => saveRecipient(id, input)),
    renewSecret: (id) =>
      command("renewSecret", () => {
        const recipient = recipients.get(id);
        if (!recipient) return refuse("recipient_not_found");
        if (recipient.channel !== "webhook") return refuse("key_only_for_webhooks");
        const key = newKey();
        keep(id, key);
        recipients.set(id, { ...recipient, hasSecret: true });
        return accept(key);
      }),
    removeRecipient: (id) =>
      command("removeRecipient", () => {
        if (!recipients.delete(id)) return refuse("recipient_not_found");
        publish({ topic: "recipient", id });
        return accept(undefined);
      }),
    createLinkCode: (input) =>
      command(`createLinkCode ${input.audience} ${input.siteIds.join(",")}`.trim(), () =>
        input.siteIds.every(hasSite)
          ? accept({ code: nextId("KODE"), expiresAtMs: now() + 900_000 })
          : refuse("site_not_found"),
      ),
    saveRoute: (id, input) => command("saveRoute", () => saveRoute(id, input)),
    removeRoute: (id) =>
      command("removeRoute", () => {
        const route = routes.get(id);
        if (!route) return refuse("route_not_found");
        if (route.isDefault) return refuse("route_is_default");
        routes.delete(id);
        publish({ topic: "route", id });
        return accept(undefined);
      }),
    startDrill: (ids, by) => command(`startDrill ${by}`, () => startDrill(ids, by)),

    setRecipient: (recipient) => {
      recipients.set(recipient.id, recipient);
      publish({ topic: "recipient", id: recipient.id });
    },
    setRoute: (route) => {
      routes.set(route.id, route);
      publish({ topic: "route", id: route.id });
    },
    setUntold: (places) => {
      untold = places;
      publish({ topic: "route", id: "" });
    },
    setDrill: (rows) => {
      drill = rows;
      publish({ topic: "notification", id: "drill-1" });
    },
    setAnnouncement: (next) => {
      announcement = next;
    },
    secretOf: (id) => secrets.get(id) ?? null,
  };
}
