/**
 * Decides, once, what a failed call to the Bot API means.
 * Why one place: "known not accepted" may be sent again freely, "unknown" only once more and marked; whoever guessed
 * anew further in would double or lose alerts.
 * Must not: send anything.
 */
import { TelegramApiError } from "node-telegram-bot-api";
import type { ChannelHealth } from "../channel.ts";
import type { DeliveryOutcome } from "../../core/types/telling.ts";
import type { Flight } from "../http/flight.ts";
import { describeError, type Redact } from "../http/error-text.ts";
import { wasNeverWritten } from "../http/never-written.ts";

/** `without_thread`, `plain`: known not accepted, and another form of the same message may be. */
export type Failure =
  | { readonly type: "outcome"; readonly outcome: DeliveryOutcome; readonly health: HealthFact }
  | { readonly type: "again"; readonly form: "without_thread" | "plain"; readonly outcome: DeliveryOutcome };

/** What the failure says about the way to Telegram; `ok`: Telegram answered, it only refused this. */
export type HealthFact = Exclude<ChannelHealth["state"], "off" | "starting" | "other_poller">;

function outcome(result: DeliveryOutcome, health: HealthFact): Failure {
  return { type: "outcome", outcome: result, health };
}

/** Seconds in an answer → ms; null when it says nothing usable. */
function retryAfterMs(seconds: unknown): number | null {
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

/** 400s that are about the chat, not about this message. */
const RECIPIENT_GONE =
  /chat not found|chat_id is empty|peer_id_invalid|user not found|have no rights to send|not enough rights to send|chat_write_forbidden|need administrator rights|group chat was deactivated|chat was deleted|chat_restricted|user_is_blocked|input_user_deactivated/i;
const THREAD_GONE = /message thread not found|topic_closed|topic_deleted|topic_id_invalid/i;

function refused(error: TelegramApiError, text: string): Failure {
  const description = error.description;
  switch (error.errorCode) {
    case 400: {
      const movedTo = error.migrateToChatId;
      if (typeof movedTo === "number") return outcome({ type: "moved", address: String(movedTo) }, "ok");
      if (RECIPIENT_GONE.test(description)) {
        return outcome({ type: "rejected", error: text, scope: "recipient" }, "ok");
      }
      const rejected = { type: "rejected", error: text, scope: "message" } as const;
      return {
        type: "again",
        form: THREAD_GONE.test(description) ? "without_thread" : "plain",
        outcome: rejected,
      };
    }
    case 413:
      return { type: "again", form: "plain", outcome: { type: "rejected", error: text, scope: "message" } };
    case 401:
    case 404:
      // The token is wrong or revoked: nobody's fault among the recipients, and it heals when the token is right.
      return outcome({ type: "retry", error: text, retryAfterMs: null }, "unauthorized");
    case 403:
      return outcome({ type: "rejected", error: text, scope: "recipient" }, "ok");
    case 429:
      return outcome({ type: "retry", error: text, retryAfterMs: retryAfterMs(error.retryAfter) }, "ok");
    default:
      return outcome({ type: "retry", error: text, retryAfterMs: null }, "failing");
  }
}

/** What a failed send means. `flight` is what was seen of its request. */
export function failureOf(error: unknown, flight: Flight, redact: Redact): Failure {
  const text = describeError(error, redact);
  const { status } = flight;
  if (status !== null && status >= 500) return outcome({ type: "unknown", error: text }, "failing");
  const isEnvelope = error instanceof TelegramApiError && typeof error.errorCode === "number";
  if (isEnvelope && error.errorCode >= 400 && error.errorCode < 500) return refused(error, text);
  // A refusal or a redirect that is not Telegram's own (a proxy): nobody accepted anything, nobody is to blame.
  if (status !== null && status >= 300 && status < 500) {
    const said = `${text} (HTTP ${status})`;
    return outcome({ type: "retry", error: said, retryAfterMs: null }, "failing");
  }
  if (wasNeverWritten(error, flight))
    return outcome({ type: "retry", error: text, retryAfterMs: null }, "unreachable");
  return outcome({ type: "unknown", error: text }, status === null ? "unreachable" : "failing");
}
