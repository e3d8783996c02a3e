/**
 * Commands in a linked chat: what was asked for, looked up and answered; what was ordered, done in one commit with the offset.
 * Why answers are not kept: whoever asked asks again. What an order changed is kept before anything is said.
 * Must not: answer a chat that is not linked, or do anything for somebody who may not.
 */
import type { ShelfWrite } from "../../core/types/events.ts";
import type { Language, Recipient } from "../../core/types/registry.ts";
import type { Answer, AnswerSetting, HandledOutcome } from "../rendering/answer-facts.ts";
import { renderAnswer } from "../rendering/answers.ts";
import type { Desk, Found, IncidentBrief } from "./desk.ts";
import { withDuration } from "./durations.ts";
import type { Incoming } from "./incoming.ts";
import { mayAct, recipientOf } from "./people.ts";
import type { Speaker } from "./speaker.ts";
import { committed } from "./taken.ts";

type Command = Extract<Incoming, { readonly type: "command" }>;

/** Names that are listed when several match. */
const NAMES_MAX = 8;
/** A server or a site that is muted without a time is quiet for so long. */
const MUTE_USUAL_MS = 3_600_000;

interface Asked {
  readonly command: Command;
  readonly recipient: Recipient;
  readonly shelf: readonly ShelfWrite[];
  readonly by: string;
}

interface Reply_ {
  /** A promise: it is asked of Telegram, and holds up no other update. */
  readonly answer: Answer | Promise<Answer>;
  readonly timeZone?: string;
  readonly language?: Language;
  readonly picture?: Promise<Uint8Array | null>;
}

/** What a window is for. */
interface Scope {
  readonly name: string;
  readonly serverId: string | null;
  readonly siteId: string | null;
}

/** Resolves when what was ordered is durable and the answer is on its way. `failed` hears of an answer that was not given. */
export function createCommands(desk: Desk, speaker: Speaker, failed: (error: unknown, what: string) => void) {
  // A map: people also type names that every object has.
  const handlers = new Map<string, (asked: Asked) => Promise<Reply_> | Reply_>([
    ["status", () => ({ answer: desk.status() })],
    ["down", down],
    ["server", server],
    ["site", site],
    ["report", report],
    ["ack", ack],
    ["mute", mute],
    ["board", board],
    ["lang", lang],
    ["help", help],
    ["start", help],
  ]);

  function help(): Reply_ {
    return { answer: { type: "help" } };
  }

  function down(): Reply_ {
    const { open, openCount, hearing } = desk.status();
    return { answer: { type: "down", open, openCount, hearing } };
  }

  async function server({ command, recipient }: Asked): Promise<Reply_> {
    const one = oneOf("server", command.argument, (query) => desk.findServers(query));
    if ("type" in one) return { answer: one };
    const found = await desk.server(one.id);
    if (!found) return { answer: matches("server", command.argument, []) };
    return {
      answer: { type: "server", server: found.facts },
      timeZone: found.timeZone,
      picture: desk.serverPicture(one.id, recipient.language),
    };
  }

  function site({ command }: Asked): Reply_ {
    const one = oneOf("site", command.argument, (query) => desk.findSites(query));
    if ("type" in one) return { answer: one };
    const found = desk.site(one.id);
    return found
      ? { answer: { type: "site", site: found.facts }, timeZone: found.timeZone }
      : { answer: matches("site", command.argument, []) };
  }

  async function report({ command, recipient }: Asked): Promise<Reply_> {
    const month = /^\d{4}-(?:0[1-9]|1[0-2])$/.test(command.argument) ? command.argument : null;
    const answer = await desk.report(month, recipient.timeZone ?? desk.timeZone);
    if (answer.past === null) return { answer };
    return { answer, picture: desk.monthPicture(answer.month, recipient.language) };
  }

  async function ack({ command, shelf, by }: Asked): Promise<Reply_> {
    const incident = await numbered(command.argument);
    if (incident === "which") return { answer: { type: "which", what: "ack", example: exampleNumber() } };
    const asked = { type: "ack", asked: command.argument, number: incident?.number ?? 0 } as const;
    if (!incident) return { answer: { ...asked, outcome: { result: "unknown" } } };
    const outcome = await ordered(incident, (order) =>
      desk.push({ ...order, by, shelf, type: "incident_acknowledged" }),
    );
    return { answer: { ...asked, outcome }, timeZone: incident.timeZone };
  }

  /** An incident by its number, or a server or a site by name (a window, then). */
  async function mute({ command, shelf, by }: Asked): Promise<Reply_> {
    const { subject, durationMs } = withDuration(command.argument);
    const incident = await numbered(subject);
    if (incident === "which") {
      const named = subject === "" ? null : scopeOf(subject);
      if (named === null) return { answer: { type: "which", what: "mute", example: exampleNumber() } };
      return "type" in named ? { answer: named } : muteScope(named, durationMs ?? MUTE_USUAL_MS, by, shelf);
    }
    const untilMs = durationMs === null ? null : desk.now() + durationMs;
    const asked = { type: "mute", asked: subject, number: incident?.number ?? 0, untilMs } as const;
    if (!incident) return { answer: { ...asked, outcome: { result: "unknown" } } };
    const outcome = await ordered(incident, (order) =>
      desk.push({ ...order, by, shelf, type: "incident_quieted", untilWallMs: untilMs }),
    );
    return { answer: { ...asked, outcome }, timeZone: incident.timeZone };
  }

  /** A server, else a site; several match: their names. null: nobody is called so. */
  function scopeOf(subject: string): Scope | Extract<Answer, { readonly type: "matches" }> | null {
    const servers = desk.findServers(subject);
    const server = onlyOne(servers, subject);
    if (server) return { name: server.name, serverId: server.id, siteId: null };
    const sites = desk.findSites(subject);
    const site = onlyOne(sites, subject);
    if (site) return { name: site.name, serverId: null, siteId: site.id };
    if (servers.length > 0) return matches("server", subject, servers);
    return sites.length > 0 ? matches("site", subject, sites) : null;
  }

  async function muteScope(
    { name, serverId, siteId }: Scope,
    durationMs: number,
    by: string,
    shelf: readonly ShelfWrite[],
  ): Promise<Reply_> {
    const nowMs = desk.now();
    const reply = await committed(
      desk.push({
        type: "maintenance_saved",
        shelf,
        maintenance: {
          id: desk.newId(),
          siteId,
          serverId,
          startsWallMs: nowMs,
          endsWallMs: nowMs + durationMs,
          note: `/mute ${name}`,
          createdBy: by,
          createdWallMs: nowMs,
        },
      }),
    );
    return { answer: { type: "muted", name, untilMs: reply.ok ? nowMs + durationMs : null } };
  }

  async function board({ command, recipient, shelf }: Asked): Promise<Reply_> {
    const wish = /^(?:on|aktif|nyala|ya)$/i.test(command.argument)
      ? true
      : /^(?:off|mati|tidak)$/i.test(command.argument)
        ? false
        : null;
    if (wish === null) return { answer: { type: "which", what: "board", example: null } };
    if (recipient.board === wish) return { answer: { type: "board", on: wish, outcome: "already" } };
    const changed: Recipient = { ...recipient, board: wish };
    const saved = await committed(desk.push({ type: "recipient_saved", recipient: changed, shelf }));
    if (!saved.ok) return { answer: { type: "not_kept" } };
    const done = { type: "board", on: wish, outcome: "done" } as const;
    // In private whoever talks may pin.
    if (!wish || command.place.isPrivate) return { answer: done };
    const answer = speaker
      .mayPin(command.place.answerTo)
      .then((isPinnable): Answer => (isPinnable === false ? { ...done, outcome: "unpinned" } : done));
    return { answer };
  }

  async function lang({ command, recipient, shelf }: Asked): Promise<Reply_> {
    const wish = /^(?:id|indonesia|bahasa)$/i.test(command.argument)
      ? "id"
      : /^(?:en|english|inggris)$/i.test(command.argument)
        ? "en"
        : null;
    if (wish === null) return { answer: { type: "which", what: "lang", example: null } };
    const changed: Recipient = { ...recipient, language: wish };
    const saved = await committed(desk.push({ type: "recipient_saved", recipient: changed, shelf }));
    return saved.ok ? { answer: { type: "language" }, language: wish } : { answer: { type: "not_kept" } };
  }

  /** `12`, `#12`; "which": no number at all, and not exactly one is open. */
  async function numbered(text: string): Promise<IncidentBrief | "which" | null> {
    const number = /^#?(\d{1,12})$/.exec(text.trim())?.[1];
    if (number !== undefined) return desk.incident(`i${Number(number)}`);
    const open = desk.openIncidents();
    return text.trim() === "" && open.length === 1 ? (open[0] ?? "which") : "which";
  }

  function exampleNumber(): string | null {
    const newest = desk.openIncidents().at(-1);
    return newest ? String(newest.number) : null;
  }

  async function ordered(
    incident: IncidentBrief,
    push: (order: { readonly incidentId: string }) => ReturnType<Desk["push"]>,
  ): Promise<HandledOutcome> {
    if (incident.endedMs !== null) return { result: "closed", endedMs: incident.endedMs };
    const reply = await committed(push({ incidentId: incident.id }));
    if (reply.ok) return { result: "done" };
    if (reply.code === "already_so")
      return { result: "already", by: incident.acknowledgedBy ?? incident.quiet?.by ?? "" };
    return reply.code === "incident_closed"
      ? { result: "closed", endedMs: desk.now() }
      : { result: "unknown" };
  }

  function oneOf(
    what: "server" | "site",
    query: string,
    find: (query: string) => readonly Found[],
  ): Found | Extract<Answer, { readonly type: "matches" | "which" }> {
    if (query === "") return { type: "which", what, example: null };
    const found = find(query);
    return onlyOne(found, query) ?? matches(what, query, found);
  }

  return async (command: Command, shelf: readonly ShelfWrite[]): Promise<void> => {
    const recipient = recipientOf(desk.recipients(), command.place);
    if (!recipient) return;
    const setting = (reply: Partial<Reply_>): AnswerSetting => ({
      language: reply.language ?? recipient.language,
      timeZone: reply.timeZone ?? recipient.timeZone ?? desk.timeZone,
      nowMs: desk.now(),
    });
    const say = (reply: Reply_): void => {
      spoken(reply).catch((error: unknown) => failed(error, "answer"));
    };
    const spoken = async (reply: Reply_): Promise<void> => {
      const painting = reply.picture?.catch(() => null);
      const rendered = renderAnswer(await reply.answer, setting(reply));
      const picture = (await painting) ?? null;
      await speaker.say(command.place.answerTo, rendered, { replyTo: command.messageId, picture });
    };
    const isForUsers = recipient.audience === "users";
    // Users' chats only choose their language; they are told what staff announce, and no more.
    if (isForUsers && command.name !== "lang") return;
    const handler = handlers.get(command.name);
    if (!handler) {
      // In a group it is probably meant for somebody else.
      if (command.place.isPrivate) say({ answer: { type: "unknown_command" } });
      return;
    }
    if (!isForUsers && !mayAct(recipient, command.person)) {
      say({ answer: { type: "not_allowed", personId: command.person?.id ?? "" } });
      return;
    }
    say(await handler({ command, recipient, shelf, by: command.person?.name ?? recipient.name }));
  };
}

function matches(
  what: "server" | "site",
  query: string,
  found: readonly Found[],
): Extract<Answer, { readonly type: "matches" }> {
  const names = found.slice(0, NAMES_MAX).map(({ name }) => name);
  return { type: "matches", what, query, names, count: found.length };
}

/** The only one that matches, or the only one that is called exactly so. */
function onlyOne(found: readonly Found[], query: string): Found | null {
  const [first] = found;
  return first && (found.length === 1 || isExact(found, query)) ? first : null;
}

/** The first of them is called exactly so, and only that one. */
function isExact(found: readonly Found[], query: string): boolean {
  const exact = found.filter(({ name }) => name.toLowerCase() === query.toLowerCase());
  return exact.length === 1 && exact[0] === found[0];
}
