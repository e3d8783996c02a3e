/**
 * What one probe can say, the same at both ends.
 * Why here and again in collector/core/types/evidence.ts: shared may not import the core; the two are assignable, and the
 * compiler says so where the collector hands one to the other.
 * Must not: hold code.
 */

/**
 * `alive`: the host answered. `dead`: asked properly, no answer, or an answer of "unreachable".
 * `none`: could not be asked: no evidence at all.
 */
export type ProbeVerdict = "alive" | "dead" | "none";

/** `tcp`: a bare connection. `banner`: a connection, and whether a program speaks. `http`: a whole answer. */
export type ProbeKind = "icmp" | "tcp" | "http" | "banner";

/**
 * Why, in one machine word.
 * alive: `reply` (ICMP), `connected` (the connection was accepted: the kernel alone can do that; of a banner: and not
 * a byte came), `closed` (accepted, then ended by the other side without a byte: a program acted, but did not speak),
 * `refused` (somebody said no, so somebody is there), `expected` (HTTP: as asked for), `status_503` and the like (HTTP:
 * another status), `text_missing` (HTTP: the status, but not the text), `no_answer` (HTTP: accepted, and no whole HTTP
 * answer came).
 * dead: `timeout`, `unreachable`, `other_address` (an answer came, but not from the address asked).
 * none: `no_program`, `no_permission`, `no_resources` (files, ports, memory or buffers of this machine),
 * `bad_address` (not one host's address, port or URL), `not_allowed` (an address that this end does not probe),
 * `name_not_found`, `not_asked` (its turn never came within the time limit), `cancelled`, `local_error` (this machine
 * could not send, or the program said something not understood), `answered_for_all` (something on the way answers the
 * same for addresses that nobody has).
 */
export type ProbeDetail =
  | "reply"
  | "connected"
  | "closed"
  | "refused"
  | "expected"
  | `status_${number}`
  | "text_missing"
  | "no_answer"
  | "timeout"
  | "unreachable"
  | "other_address"
  | "no_program"
  | "no_permission"
  | "no_resources"
  | "bad_address"
  | "not_allowed"
  | "name_not_found"
  | "not_asked"
  | "cancelled"
  | "local_error"
  | "answered_for_all";

export interface ProbeResult {
  readonly kind: ProbeKind;
  /** e.g. `10.0.4.2` or `10.0.4.2:22`. */
  readonly target: string;
  readonly verdict: ProbeVerdict;
  readonly detail: ProbeDetail;
  readonly roundTripMs: number | null;
  /**
   * Bytes of a program came back: what it said first, one line of printable ASCII, at most `BANNER_CHARACTERS_MAX`.
   * Absent: nothing but the kernel was heard.
   */
  readonly banner?: string;
  /** Of `http`, and of `tcp` in a server's check: it did what is expected of it. Absent when the verdict is `none`. */
  readonly asExpected?: boolean;
}

/** A result less what was asked. */
export type ProbeAnswer = Omit<ProbeResult, "kind" | "target">;
