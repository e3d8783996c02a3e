/**
 * What an agent saw while nobody could hear it.
 * Must not: hold code that decides, or name anything of Node, sockets, files or Telegram.
 */

/** One line of an agent's journal: what it saw in one interval. */
export interface JournalEntry {
  readonly sequence: number;
  /** How long ago it was when the journal was sent, ms, by the agent's clocks. */
  readonly ageMs: number;
  readonly bootId: string;
  /** `tick`: an interval passed. `start`, `stop`: the agent's program did (stop: in order, not killed). */
  readonly event: "tick" | "start" | "stop";
  /** Later than it should have been, ms, sleep not counted: the machine or the program hung. */
  readonly lateMs: number;
  /** The machine slept since the entry before, ms. */
  readonly sleptMs: number;
  readonly link: "up" | "down" | "unknown";
  readonly gateway: Reached;
  readonly dns: Reached;
  readonly internet: Reached;
  /** `ok`: acknowledged. Otherwise why not, as far as the agent could tell. */
  readonly collector: CollectorReach;
}
export type Reached = "ok" | "failed" | "unknown";
export type CollectorReach =
  "ok" | "timeout" | "refused" | "unreachable" | "name" | "certificate" | "proxy" | "rejected" | "unknown";

/** What an agent's journal says of one outage, added up. Volatile. Key: serverId. */
export interface JournalDigest {
  readonly serverId: string;
  /** The silence it is about began here. */
  readonly fromCoreMs: number;
  /** Everything was received. */
  readonly complete: boolean;
  readonly lastSequence: number;
  readonly lastEntryCoreMs: number | null;
  readonly lastBootId: string | null;
  readonly ticks: number;
  /** The longest stretch without an entry, sleep not counted, ms; and all such stretches together. */
  readonly gapMs: number;
  readonly gapsMs: number;
  readonly sleptMs: number;
  readonly reboots: number;
  /** Of the newest reboot: a `stop` came before it. null: no reboot. */
  readonly cleanReboot: boolean | null;
  /** When the machine was back after its newest reboot. */
  readonly rebootedCoreMs: number | null;
  /** Starts of the program on the same boot; the last came after a `stop`. */
  readonly restarts: number;
  readonly stopped: boolean;
  readonly linkDown: number;
  readonly gatewayOk: number;
  readonly gatewayFailed: number;
  readonly internetOk: number;
  readonly internetFailed: number;
  readonly dnsFailed: number;
  /** Entries by what the agent said of the collector; never acknowledged ones only. */
  readonly collectorErrors: Readonly<Partial<Record<CollectorReach, number>>>;
}
