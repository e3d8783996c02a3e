/**
 * What an update does, each once: its effect and the poll offset are one commit.
 * Why our own offset: a restart neither repeats an effect nor loses one. An update without an effect needs no commit: Telegram
 * forgets it at the next poll.
 * Must not: look anything up itself, or let one update stop all that come after it.
 */
import type { Update } from "node-telegram-bot-api";
import type { ShelfWrite } from "../../core/types/events.ts";
import type { Log } from "../log.ts";
import { createChats } from "./chats.ts";
import { createCommands } from "./commands.ts";
import type { Desk } from "./desk.ts";
import { incomingIn, type Incoming } from "./incoming.ts";
import { recipientsOfChat } from "./people.ts";
import { createPresses } from "./presses.ts";
import { describeError, type Redact } from "../http/error-text.ts";
import { createSearch } from "./search.ts";
import type { Speaker } from "./speaker.ts";
import { NotTaken } from "./taken.ts";

/** Next update wanted, on the shelf. */
export const OFFSET_KEY = "telegram/offset";
/**
 * An update id just below the offset was handled already. Far below it, Telegram has begun a new numbering (it does
 * after a quiet week). One answer holds at most 100 updates.
 */
const DUPLICATE_WINDOW = 1_000;

export interface UpdateHandlerOptions {
  readonly desk: Desk;
  readonly speaker: Speaker;
  readonly redact: Redact;
  readonly log: Log;
}

export interface UpdateHandler {
  /** The first update not handled yet; null: any. */
  readonly nextUpdateId: number | null;
  /** Resolves when the effect is durable; rejects with `NotTaken` when the store refused and nothing was done. */
  handle(update: Update, botUsername: string): Promise<void>;
}

export function createUpdateHandler({ desk, speaker, redact, log }: UpdateHandlerOptions): UpdateHandler {
  const chats = createChats(desk, speaker, log);
  const press = createPresses(desk, speaker, failed);
  const command = createCommands(desk, speaker, failed);
  const search = createSearch(desk, speaker);
  const kept = desk.shelfGet(OFFSET_KEY);
  let offset = typeof kept === "number" ? kept : null;

  /** An update of a shape nobody knows is passed over. */
  function readable(update: Update, botUsername: string): Incoming | null {
    try {
      return incomingIn(update, botUsername);
    } catch (error) {
      log.warn(
        { update: update.update_id, error: describeError(error, redact) },
        "telegram update not understood",
      );
      return null;
    }
  }

  async function handled(incoming: Incoming, shelf: readonly ShelfWrite[]): Promise<void> {
    switch (incoming.type) {
      case "link":
        return chats.link(incoming, shelf);
      case "moved":
        return chats.move(incoming, shelf);
      case "membership":
        return chats.membership(incoming, shelf);
      case "press":
        return press(incoming, shelf);
      case "search":
        // Nobody waits for it but the one who types; it changes nothing.
        void search(incoming).catch((error: unknown) => failed(error, "search"));
        return;
      case "command": {
        // Whoever writes from a chat that was lost has let us in again.
        const { chatId } = incoming.place.answerTo;
        if (recipientsOfChat(desk.recipients(), chatId).some((one) => !one.enabled))
          await chats.membership({ type: "membership", chatId, mayWrite: true }, []);
        return command(incoming, shelf);
      }
    }
  }

  /** A bug of ours, or an archive that could not be read: this one is not answered, and the next one is handled. */
  function failed(error: unknown, what: string): void {
    log.error({ what, error: describeError(error, redact) }, "telegram update failed");
  }

  return {
    get nextUpdateId() {
      return offset;
    },
    async handle(update, botUsername) {
      const updateId: unknown = update.update_id;
      if (typeof updateId !== "number") throw new TypeError("an update without an id");
      if (offset !== null && updateId < offset && updateId >= offset - DUPLICATE_WINDOW) return;
      const incoming = readable(update, botUsername);
      if (incoming)
        try {
          await handled(incoming, [{ key: OFFSET_KEY, value: updateId + 1 }]);
        } catch (error) {
          if (error instanceof NotTaken) throw error;
          failed(error, incoming.type);
        }
      offset = updateId + 1;
    },
  };
}
