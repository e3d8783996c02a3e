/**
 * Telegram as a whole in front of the strict fake, with a small store behind it: a shelf, link codes and recipients
 * that change only by pushed events, as the core's do.
 */
import { createHash } from "node:crypto";
import type {
  EventBody,
  Language,
  LinkCode,
  Recipient,
  Reply,
  ShelfValue,
} from "../../collector/core/types.ts";
import { createTelegram, type Telegram } from "../../collector/notify/telegram/telegram.ts";
import type { FakeTelegram } from "../fakes/telegram/server.ts";
import { keptLog, manualTimers, recipient, type KeptLog, type Timers } from "./fixtures.ts";

export interface Store {
  readonly shelf: Map<string, ShelfValue>;
  readonly codes: Map<string, LinkCode>;
  readonly recipients: Map<string, Recipient>;
  readonly pushed: EventBody[];
  /** While true, nothing is taken. */
  failing: boolean;
  push(event: EventBody): Promise<Reply>;
  addCode(code: string, changes?: Partial<LinkCode>): void;
  eventsOf<T extends EventBody["type"]>(type: T): readonly Extract<EventBody, { type: T }>[];
}

export function createStore(): Store {
  const shelf = new Map<string, ShelfValue>();
  const codes = new Map<string, LinkCode>();
  const recipients = new Map<string, Recipient>();
  const pushed: EventBody[] = [];
  const shelve = (writes: readonly { readonly key: string; readonly value: ShelfValue }[]) => {
    for (const { key, value } of writes) shelf.set(key, value);
  };
  const store: Store = {
    shelf,
    codes,
    recipients,
    pushed,
    failing: false,
    async push(event) {
      pushed.push(event);
      if (store.failing) return { ok: false, code: "store_failing" };
      switch (event.type) {
        case "chat_linked": {
          shelve(event.shelf);
          const code = codes.get(event.codeHash);
          if (!code) return { ok: false, code: "link_code_not_found" };
          if (code.expiresWallMs < 1_000) return { ok: false, code: "link_code_expired" };
          codes.delete(event.codeHash);
          const known = [...recipients.values()].find(({ address }) => address === event.address);
          const id = known?.id ?? event.recipientId;
          recipients.set(
            id,
            recipient({
              id,
              address: event.address,
              name: code.name || event.chatName,
              language: code.language,
            }),
          );
          return { ok: true, id };
        }
        case "recipient_saved": {
          const other = [...recipients.values()].find(({ address }) => address === event.recipient.address);
          if (other && other.id !== event.recipient.id) return { ok: false, code: "recipient_exists" };
          recipients.set(event.recipient.id, event.recipient);
          return { ok: true };
        }
        case "recipient_removed":
          recipients.delete(event.recipientId);
          return { ok: true };
        case "shelf_written":
          shelve(event.writes);
          return { ok: true };
        default:
          throw new Error(`not expected here: ${event.type}`);
      }
    },
    addCode(code, changes = {}) {
      const codeHash = createHash("sha256").update(code).digest("base64url");
      codes.set(codeHash, { codeHash, name: "", language: "id", expiresWallMs: 1e15, ...changes });
    },
    eventsOf<T extends EventBody["type"]>(type: T) {
      return pushed.filter((event): event is Extract<EventBody, { type: T }> => event.type === type);
    },
  };
  return store;
}

export interface Desk {
  readonly telegram: Telegram;
  readonly timers: Timers;
  readonly log: KeptLog;
  clockMs: number;
}

export function openDesk(fake: FakeTelegram, store: Store, language: Language = "id"): Desk {
  const timers = manualTimers();
  const log = keptLog();
  const desk = { timers, log, clockMs: 1_000_000 };
  let ids = 0;
  const telegram = createTelegram({
    token: fake.token,
    apiRoot: fake.apiRoot,
    push: (event) => store.push(event),
    shelfGet: (key) => store.shelf.get(key),
    findRecipients: () => [...store.recipients.values()],
    language,
    log,
    now: () => desk.clockMs,
    random: () => 0.5,
    newId: () => {
      ids += 1;
      return `made${ids}`;
    },
    after: timers.after,
    sendLimitMs: 20_000,
  });
  return Object.assign(desk, { telegram });
}
