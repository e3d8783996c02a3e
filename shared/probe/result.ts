/**
 * What one probe can say, the same at both ends.
 * Why here and again in collector/core/types.ts: shared may not import the core; the two are assignable, and the
 * compiler says so where the collector hands one to the other.
 * Must not: hold code.
 */

/**
 * `alive`: the host answered. `dead`: asked properly, no answer, or an answer of "unreachable".
 * `none`: could not be asked: no evidence at all.
 */
export type ProbeVerdict = "alive" | "dead" | "none";

/**
 * Why, in one machine word.
 * alive: `reply` (ICMP), `connected`, `refused` (TCP: somebody said no, so somebody is there).
 * dead: `timeout`, `unreachable`, `other_address` (an answer came, but not from the address asked).
 * none: `no_program`, `no_permission`, `no_resources` (files, ports, memory or buffers of this machine),
 * `bad_address` (not one host's address), `name_not_found`, `not_asked` (its turn never came within the time limit),
 * `cancelled`, `local_error` (this machine could not send, or the program said something not understood).
 */
export type ProbeDetail =
  | "reply"
  | "connected"
  | "refused"
  | "timeout"
  | "unreachable"
  | "other_address"
  | "no_program"
  | "no_permission"
  | "no_resources"
  | "bad_address"
  | "name_not_found"
  | "not_asked"
  | "cancelled"
  | "local_error";

export interface ProbeResult {
  readonly kind: "icmp" | "tcp" | "http" | "banner";
  /** e.g. `10.0.4.2` or `10.0.4.2:22`. */
  readonly target: string;
  readonly verdict: ProbeVerdict;
  readonly detail: ProbeDetail;
  readonly roundTripMs: number | null;
}

/** A result less what was asked. */
export type ProbeAnswer = Pick<ProbeResult, "verdict" | "detail" | "roundTripMs">;
