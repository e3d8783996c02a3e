/**
 * The whole world as one readable page: every chat and topic in its course, as people saw it.
 * Why: messages are judged by reading them; a page is read faster than a ledger, and can be kept beside a campaign.
 * Must not: need a script, load anything, or let a message become markup.
 */
import { anchorOf, entryHtml, keyboardHtml, messageHtml, type PageView } from "./page-message.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { escapeHtml, formattedHtml } from "./page-text.ts";
import type { InlineQuery } from "./queries.ts";
import type { Snapshot, SnapshotChat } from "./snapshot.ts";
import type { StoredMessage } from "./world.ts";

/** Where most readers are. */
export const PAGE_ZONE = "Asia/Jakarta";

export interface PageOptions {
  /** An IANA name; throws RangeError when there is no such zone. */
  readonly zone?: string;
  readonly title?: string;
}

/** Something at its place in the course of a thread. */
interface Step {
  readonly order: number;
  readonly atMs: number;
  readonly html: string;
}

interface Thread {
  readonly chatId: number;
  readonly threadId: number | null;
  readonly messages: StoredMessage[];
}

interface Clock {
  readonly zone: string;
  readonly day: (atMs: number) => string;
  readonly time: (atMs: number) => string;
}

function clockIn(zone: string): Clock {
  const days = new Intl.DateTimeFormat("en-GB", { timeZone: zone, dateStyle: "full" });
  const times = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return {
    zone,
    day: (atMs) => days.format(atMs),
    time: (atMs) => `<time datetime="${new Date(atMs).toISOString()}">${times.format(atMs)}</time>`,
  };
}

const DATA_URI = /^data:image\/(?:png|jpeg);base64,[A-Za-z0-9+/=]+$/;

function viewOf(snapshot: Snapshot, clock: Clock): PageView {
  const messages = new Map(snapshot.messages.map((message) => [anchorOf(message), message]));
  return {
    botName: snapshot.botName,
    timeOf: clock.time,
    picture(fileId) {
      const source = Object.hasOwn(snapshot.pictures, fileId) ? snapshot.pictures[fileId] : undefined;
      return source !== undefined && DATA_URI.test(source) ? source : null;
    },
    message: (chatId, messageId) => messages.get(anchorOf({ chatId, messageId })) ?? null,
  };
}

/** By chat and topic, in the order of their first message; the topics of a chat stay together. */
function threadsOf(messages: readonly StoredMessage[]): readonly Thread[] {
  const threads = new Map<string, Thread>();
  const chatOrder = new Map<number, number>();
  for (const message of messages) {
    const { chatId, threadId } = message;
    const key = `${chatId}/${threadId ?? ""}`;
    const thread = threads.get(key) ?? { chatId, threadId, messages: [] };
    thread.messages.push(message);
    threads.set(key, thread);
    if (!chatOrder.has(chatId)) chatOrder.set(chatId, chatOrder.size);
  }
  const place = (thread: Thread) => chatOrder.get(thread.chatId) ?? 0;
  return [...threads.values()].sort((a, b) => place(a) - place(b));
}

function stepsOf(thread: Thread, view: PageView): readonly Step[] {
  const steps = thread.messages.flatMap((message) => [
    { order: message.order, atMs: message.atMs, html: messageHtml(message, view) },
    ...message.history.flatMap((entry) => {
      const html = entryHtml(message, entry, view);
      return html === null ? [] : [{ order: entry.order, atMs: entry.atMs, html }];
    }),
  ]);
  // Not by time: a clock may be turned while things happen.
  return steps.sort((a, b) => a.order - b.order);
}

function courseHtml(steps: readonly Step[], clock: Clock): string {
  let day = "";
  return steps
    .map(({ atMs, html }) => {
      const today = clock.day(atMs);
      const isNew = today !== day;
      day = today;
      return isNew ? `<p class="day"><span>${escapeHtml(today)}</span></p>${html}` : html;
    })
    .join("\n");
}

function titleOf(thread: Thread, chats: ReadonlyMap<number, SnapshotChat>): string {
  const chat = chats.get(thread.chatId);
  const title = escapeHtml(chat?.title ?? String(thread.chatId));
  if (thread.threadId === null) return title;
  const topic = chat?.topics[String(thread.threadId)] ?? `topic ${thread.threadId}`;
  return `${title} <span class="topic">› ${escapeHtml(topic)}</span>`;
}

const idOf = (thread: Thread): string => escapeHtml(`t${thread.chatId}-${thread.threadId ?? 0}`);

function threadHtml(
  thread: Thread,
  chats: ReadonlyMap<number, SnapshotChat>,
  view: PageView,
  clock: Clock,
): string {
  const chat = chats.get(thread.chatId);
  const pinned = thread.messages.findLast((message) => message.pinned);
  const about = [
    chat?.type ?? "",
    String(thread.chatId),
    chat && chat.membership !== "member" ? `the bot is ${chat.membership}` : "",
  ].filter((part) => part !== "");
  const bar = pinned
    ? `<a class="pinbar" href="#${anchorOf(pinned)}">📌 ${escapeHtml(pinned.text.split("\n")[0] ?? "")}</a>`
    : "";
  return [
    `<section class="thread" id="${idOf(thread)}">`,
    `<header><h2>${titleOf(thread, chats)}</h2><p>${escapeHtml(about.join(" · "))}</p>${bar}</header>`,
    `<div class="course">${courseHtml(stepsOf(thread, view), clock)}</div>`,
    `</section>`,
  ].join("\n");
}

function inlineHtml(query: InlineQuery, snapshot: Snapshot, clock: Clock): string {
  const { answer } = query;
  const typed = escapeHtml(`@${snapshot.botUsername} ${query.query}`);
  const cache = query.fromCache ? " · from Telegram's cache" : "";
  const asked = `<article class="message person"><div class="bubble"><p class="name">${escapeHtml(query.by.name)}</p><div class="text">${typed}</div><footer>${clock.time(query.atMs)}${cache}</footer></div></article>`;
  if (!answer) return `${asked}<p class="line">never answered</p>`;
  if (answer.results.length === 0) return `${asked}<p class="line">no results ${clock.time(answer.atMs)}</p>`;
  const results = answer.results.map(
    ({ title, description, text, entities, buttons }) =>
      `<div class="result"><b>${escapeHtml(title)}</b><p class="quiet">${escapeHtml(description)}</p><div class="text">${formattedHtml(text, entities)}</div>${keyboardHtml(buttons)}</div>`,
  );
  return `${asked}${results.join("")}<p class="line">${answer.results.length} results ${clock.time(answer.atMs)}</p>`;
}

function inlineSection(snapshot: Snapshot, clock: Clock): string {
  if (snapshot.inline.length === 0) return "";
  const steps = snapshot.inline.map((query) => ({
    order: query.order,
    atMs: query.atMs,
    html: inlineHtml(query, snapshot, clock),
  }));
  return `<section class="thread" id="inline"><header><h2>Inline queries</h2><p>seen only by who typed them</p></header><div class="course">${courseHtml(steps, clock)}</div></section>`;
}

function commandsSection(snapshot: Snapshot): string {
  if (snapshot.commands.length === 0) return "";
  const lists = snapshot.commands.map(({ scope, languageCode, commands }) => {
    const chat = "chatId" in scope ? ` ${scope.chatId}` : "";
    const heading = `${scope.type}${chat}${languageCode === "" ? "" : ` · ${languageCode}`}`;
    const rows = commands.map(
      ({ command, description }) => `<dt>/${escapeHtml(command)}</dt><dd>${escapeHtml(description)}</dd>`,
    );
    return `<h3>${escapeHtml(heading)}</h3><dl>${rows.join("")}</dl>`;
  });
  return `<details class="commands" id="commands"><summary>The menu of commands</summary>${lists.join("")}</details>`;
}

/** A whole HTML document. */
export function pageOf(snapshot: Snapshot, options: PageOptions = {}): string {
  const clock = clockIn(options.zone ?? PAGE_ZONE);
  const view = viewOf(snapshot, clock);
  const chats = new Map(snapshot.chats.map((chat) => [chat.id, chat]));
  const threads = threadsOf(snapshot.messages);
  const own = snapshot.messages.filter(({ fromBot }) => fromBot).length;
  const people = snapshot.messages.filter(({ fromBot, service }) => !fromBot && service === null).length;
  const title = escapeHtml(options.title ?? `What ${snapshot.botName} said on Telegram`);
  const links = threads.map(
    (thread) =>
      `<li><a href="#${idOf(thread)}">${titleOf(thread, chats)} <small>${thread.messages.length}</small></a></li>`,
  );
  const counts = `${own} messages of the bot, ${people} of people, ${snapshot.presses.length} presses · times in ${clock.zone}`;
  const isMany = threads.length > 1;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<div class="page${isMany ? " many" : ""}">
<header class="top">
<h1>${title}</h1>
<p>${escapeHtml(counts)}</p>
${isMany ? `<nav aria-label="Chats"><ul>${links.join("")}</ul></nav>` : ""}
</header>
<main>
${threads.map((thread) => threadHtml(thread, chats, view, clock)).join("\n")}
${threads.length === 0 ? `<p class="line">Nothing was said.</p>` : ""}
${inlineSection(snapshot, clock)}
${commandsSection(snapshot)}
</main>
</div>
</body>
</html>
`;
}
