/**
 * The shape of what people did about an outage, and of the buttons and words with which they do it in a chat.
 * Must not: hold markup. A button is a phone's width divided by two: a word or three.
 */

export interface HandlingTexts {
  readonly taken: (by: string) => string;
  /** The same of what is over. */
  readonly wasTaken: (by: string) => string;
  readonly quietUntil: (time: string, by: string) => string;
  readonly quietUntilRecovered: (by: string) => string;
  readonly announced: string;
  /** `found`: what the check found; empty: nothing could be asked. */
  readonly checked: (time: string, by: string, found: string) => string;
  readonly nobody: string;
  /** How to take it: by the button below, or where there are none. */
  readonly askToPress: string;
  readonly askElsewhere: string;
  readonly button: {
    readonly take: string;
    readonly takenBy: (by: string) => string;
    readonly check: string;
    readonly mute: string;
    readonly announce: string;
    readonly over: string;
    readonly map: string;
    readonly panel: string;
    readonly muteHour: string;
    readonly muteMorning: string;
    readonly muteRecovered: string;
    readonly back: string;
    readonly send: string;
    readonly cancel: string;
  };
}
