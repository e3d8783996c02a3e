/**
 * A press on a button: first the effect, in one commit with the poll offset, then what the presser sees.
 * Why the toast says what is so and not what was wished: the message may be old, and somebody may have been faster.
 * Must not: let anybody press who may not, or change a message by itself (the outbox shows it anew).
 */
import { unreachable } from "../../../shared/assert.ts";
import type { Reply } from "../../core/types/effects.ts";
import type { ShelfWrite } from "../../core/types/events.ts";
import type { Toast } from "../rendering/answer-facts.ts";
import { renderAnswer } from "../rendering/answers.ts";
import { mainKeyboard, muteKeyboard, parsePress, type Verb } from "../rendering/keyboard.ts";
import { toastText } from "../rendering/toasts.ts";
import type { Desk, IncidentBrief } from "./desk.ts";
import type { Incoming } from "./incoming.ts";
import { mayAct, recipientOf } from "./people.ts";
import type { Speaker } from "./speaker.ts";
import { committed } from "./taken.ts";

type Press = Extract<Incoming, { readonly type: "press" }>;

const HOUR_MS = 3_600_000;

/**
 * `shelf`: the poll offset, to be committed with the effect. Rejects with `NotTaken` when the store refused. `failed` hears of
 * what went wrong after that.
 */
export function createPresses(desk: Desk, speaker: Speaker, failed: (error: unknown, what: string) => void) {
  /** What a person sees is not waited for: a slow answer must not hold up the next update. */
  function background(work: Promise<void>): void {
    work.catch((error: unknown) => failed(error, "press"));
  }

  return async (press: Press, shelf: readonly ShelfWrite[]): Promise<void> => {
    const recipient = recipientOf(desk.recipients(), press.place);
    const read = parsePress(press.data);
    // A chat that is not linked learns nothing, and users have nothing to press; the button stops turning.
    if (recipient?.audience !== "staff" || !read) {
      background(speaker.toast(press.queryId, ""));
      return;
    }
    const { language } = recipient;
    const incident = await desk.incident(read.incidentId);
    const setting = { language, timeZone: incident?.timeZone ?? desk.timeZone, nowMs: desk.now() };
    const toast = (say: Toast, alert = false): void =>
      background(speaker.toast(press.queryId, toastText(say, setting), alert));

    if (!mayAct(recipient, press.person)) {
      toast({ type: "not_allowed" }, true);
      const answer = renderAnswer({ type: "not_allowed", personId: press.person.id }, setting);
      background(speaker.say(press.place.answerTo, answer, { replyTo: press.messageId }));
    } else if (!incident) {
      toast({ type: "incident_unknown" });
      background(speaker.showKeyboard(press.place.answerTo, press.messageId, []));
    } else if (incident.endedMs !== null && read.verb !== "unsay") {
      toast({ type: "over", endedMs: incident.endedMs });
      background(speaker.showKeyboard(press.place.answerTo, press.messageId, []));
    } else {
      await act(read.verb, incident, press, shelf, toast, setting);
    }
  };

  async function act(
    verb: Verb,
    incident: IncidentBrief,
    press: Press,
    shelf: readonly ShelfWrite[],
    toast: (say: Toast) => void,
    setting: Parameters<typeof toastText>[1],
  ): Promise<void> {
    const by = press.person.name;
    const order = { incidentId: incident.id, by, shelf } as const;
    const { answerTo } = press.place;
    const quiet = async (untilWallMs: number | null): Promise<void> => {
      const reply = await committed(desk.push({ ...order, type: "incident_quieted", untilWallMs }));
      toast(reply.ok ? { type: "quiet", untilMs: untilWallMs } : await refused(reply, incident, "quiet"));
      // The outbox shows the message anew with its usual buttons; a message of a digest's own has none of it.
      if (reply.ok) background(showMain(press, incident));
    };
    switch (verb) {
      case "ack": {
        const reply = await committed(desk.push({ ...order, type: "incident_acknowledged" }));
        toast(reply.ok ? { type: "taken" } : await refused(reply, incident, "taken"));
        return;
      }
      case "check":
        toast({ type: "checking" });
        background(desk.check(incident.id, by));
        return;
      case "mute":
        background(speaker.toast(press.queryId, ""));
        background(
          speaker.showKeyboard(answerTo, press.messageId, muteKeyboard(incident.id, setting.language)),
        );
        return;
      case "mute1h":
        return quiet(desk.now() + HOUR_MS);
      case "mutemorning":
        return quiet(desk.nextMorning(incident.timeZone));
      case "muterecovered":
        return quiet(null);
      case "back":
        background(speaker.toast(press.queryId, ""));
        background(showMain(press, incident));
        return;
      case "announce": {
        const chats = desk.usersOf(incident.id);
        const message = desk.messageOf(incident.id, "announced");
        if (chats === 0 || !message) {
          toast({ type: "nobody_to_announce_to" });
        } else if (incident.announced) {
          toast({ type: "announced_already" });
        } else {
          background(speaker.toast(press.queryId, ""));
          const preview = renderAnswer({ type: "preview", message, chats }, setting);
          background(speaker.say(answerTo, preview, { replyTo: press.messageId }));
        }
        return;
      }
      case "say": {
        const chats = desk.usersOf(incident.id);
        const reply = await committed(desk.push({ ...order, type: "incident_announced", over: false }));
        toast(reply.ok ? { type: "announced", chats } : await refused(reply, incident, "announced"));
        background(speaker.showKeyboard(answerTo, press.messageId, []));
        return;
      }
      case "unsay":
        background(speaker.toast(press.queryId, ""));
        background(speaker.remove(answerTo, press.messageId));
        return;
      case "over": {
        const reply = await committed(desk.push({ ...order, type: "incident_announced", over: true }));
        toast(reply.ok ? { type: "announced_over" } : await refused(reply, incident, "over"));
        return;
      }
      default:
        return unreachable(verb);
    }
  }

  /** The usual buttons again, as they are now. */
  async function showMain(press: Press, { id }: IncidentBrief): Promise<void> {
    const recipient = recipientOf(desk.recipients(), press.place);
    const message = desk.messageOf(id, "down");
    if (recipient && message)
      await speaker.showKeyboard(press.place.answerTo, press.messageId, mainKeyboard(message, recipient));
  }

  /** Why it was not done, as things are now. */
  async function refused(
    reply: Extract<Reply, { readonly ok: false }>,
    before: IncidentBrief,
    wish: "taken" | "quiet" | "announced" | "over",
  ): Promise<Toast> {
    const incident = (await desk.incident(before.id)) ?? before;
    switch (reply.code) {
      case "incident_closed":
        return { type: "over", endedMs: incident.endedMs ?? desk.now() };
      case "already_so":
        if (wish === "announced") return { type: "announced_already" };
        if (wish === "over") return { type: "over_already" };
        return { type: "taken_already", by: incident.acknowledgedBy ?? incident.quiet?.by ?? "" };
      case "nobody_to_announce_to":
      case "not_announced":
        return { type: reply.code };
      default:
        return { type: "incident_unknown" };
    }
  }
}
