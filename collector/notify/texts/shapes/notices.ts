/**
 * The shape of what is said without an outage of its own: a server that never came, that flaps, whose identity two
 * machines share; a recipient that is gone; a drill.
 * Must not: hold markup.
 */

export interface NoticeTexts {
  readonly stateNeverCame: string;
  readonly neverCame: string;
  readonly neverCameAdvice: string;
  readonly registered: (started: string) => string;
  readonly flapping: {
    readonly state: string;
    readonly stateStill: string;
    readonly stateOver: string;
    readonly incidents: (count: number, since: string) => string;
    readonly downNow: string;
    readonly upNow: string;
    /** What is told from now on. */
    readonly digests: string;
    readonly calm: string;
  };
  readonly duplicate: {
    readonly state: string;
    readonly stateOver: string;
    readonly meaning: (addresses: readonly string[]) => string;
    readonly advice: string;
    readonly over: (address: string | null) => string;
  };
  readonly lost: {
    readonly state: string;
    readonly meaning: string;
    /** In the channel's own words. */
    readonly because: (reason: string) => string;
    readonly advice: string;
  };
  /** A whole channel; by its name, as people know it. */
  readonly channel: {
    readonly stateLost: (channel: string) => string;
    readonly stateBack: (channel: string) => string;
    readonly lost: (channel: string) => string;
    readonly because: (reason: string) => string;
    readonly advice: string;
    readonly back: (channel: string) => string;
  };
  readonly drill: {
    readonly state: string;
    /** Behind the state: nobody has to get up. */
    readonly calm: string;
    /** null: by itself, as scheduled. */
    readonly meaning: (by: string | null) => string;
    readonly works: string;
  };
}
