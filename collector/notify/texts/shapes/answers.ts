/**
 * The shape of what the bot answers to commands, what a press says for a moment, and how commands are described.
 * Must not: hold markup. What a press says is at most 200 characters, a command's description 256.
 */
import type { HearingState } from "../../../core/types/tables.ts";

/** Commands that people are offered, in the order of the menu. */
export type CommandName =
  "status" | "down" | "server" | "site" | "report" | "mute" | "ack" | "board" | "lang" | "help";

export interface AnswerTexts {
  /** Why what is known may be old, where the collector does not simply hear; empty: it does. */
  readonly hearing: Readonly<Record<HearingState, string>>;
  /** Before what was so when it could still hear. */
  readonly lastKnown: (state: string) => string;
  readonly nothingDown: string;
  readonly downHead: (count: number) => string;
  readonly since: (since: string, duration: string) => string;
  readonly lastHeard: (time: string, ago: string) => string;
  readonly neverHeard: string;
  readonly address: (address: string) => string;
  readonly cpu: (percent: string) => string;
  readonly memory: (percent: string) => string;
  readonly disk: (mount: string, percent: string) => string;
  readonly lastDay: (outages: number, duration: string) => string;
  readonly lastDayCalm: string;
  readonly openIncident: (number: string, by: string | null) => string;
  /** Several or none match what was looked for. */
  readonly several: (count: number, names: string) => string;
  readonly severalAdvice: string;
  readonly noServer: (query: string) => string;
  readonly noSite: (query: string) => string;
  readonly whichServer: string;
  readonly whichSite: string;
  readonly siteEmpty: string;
  readonly gateway: (address: string, verdict: "alive" | "dead" | "none") => string;
  readonly provider: (provider: string, circuit: string) => string;
  readonly circuit: (circuit: string) => string;
  readonly contact: (contact: string) => string;
  readonly noReport: string;
  readonly taken: (number: number) => string;
  readonly takenAlready: (number: number, by: string) => string;
  readonly quietUntil: (number: number, time: string) => string;
  readonly quietUntilRecovered: (number: number) => string;
  readonly quietAlready: (number: number, by: string) => string;
  readonly muted: (name: string, time: string) => string;
  readonly notMuted: (name: string) => string;
  readonly unknownNumber: (number: string) => string;
  readonly closedAlready: (number: number, ended: string) => string;
  readonly whichToTake: string;
  readonly whichToMute: string;
  /** As people write it behind the command. */
  readonly muteDuration: string;
  readonly languageSet: string;
  readonly whichLanguage: string;
  readonly boardOn: string;
  readonly boardOnUnpinned: string;
  readonly boardOff: string;
  readonly boardAlreadyOn: string;
  readonly boardAlreadyOff: string;
  readonly whichBoard: string;
  readonly helpHead: string;
  readonly notAllowed: string;
  readonly unknownCommand: string;
  readonly notKept: string;
  readonly linkedUsers: string;
  /** Above what users would get. */
  readonly preview: (chats: number) => string;
  readonly toast: {
    readonly taken: string;
    readonly takenAlready: (by: string) => string;
    readonly over: (time: string) => string;
    readonly checking: string;
    readonly quietUntil: (time: string) => string;
    readonly quietUntilRecovered: string;
    readonly announced: (chats: number) => string;
    readonly announcedOver: string;
    readonly announcedAlready: string;
    readonly overAlready: string;
    readonly notAnnounced: string;
    readonly nobodyToAnnounceTo: string;
    readonly notAllowed: string;
    readonly incidentUnknown: string;
    readonly notKept: string;
  };
  readonly commands: Readonly<Record<CommandName, string>>;
  /** What stands behind a command, as an example; empty: nothing. */
  readonly arguments: Readonly<Record<CommandName, string>>;
}
