/**
 * The clocks: as the shell read them, and as the core keeps them.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */

/** The three clocks as the shell read them when the event happened; all in milliseconds. */
export interface Instant {
  /** Since some start in this process; stops while the machine sleeps; never jumps. */
  readonly monotonicMs: number;
  /** Since the host booted; runs on while the machine sleeps; resolution may be 10 ms. */
  readonly bootMs: number;
  /** Unix time. May jump in both directions: shown to people, never judged by. */
  readonly wallMs: number;
}

/**
 * The core's own line of time. `coreMs` is what really elapsed as far as it is known: it goes on over stalls and
 * sleep, and over a restart of the collector on the same boot of the host. It never goes back.
 */
export interface ClockRecord extends Instant {
  readonly coreMs: number;
  readonly hostBootId: string;
}
