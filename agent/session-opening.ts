/**
 * From the opened socket to a proven collector: hello, then prove and welcome, or enroll and enrolled.
 * Why apart: nothing here may send a beat; the only way on is through a check that the shell says is right.
 * Must not: verify anything itself; the shell has the keys.
 */
import { assert } from "../shared/assert.ts";
import type { CollectorMessage } from "../shared/wire.ts";
import { VERSION_CURRENT, VERSION_MIN } from "../shared/wire.ts";
import { openSession } from "./session-open.ts";
import { closed, fail, finish, misuse, sessionLimits, stay } from "./session-redial.ts";
import type { EnrollingState, ProvingState, SessionState, Step } from "./session-types.ts";

/** The upgrade is done: the collector speaks first. */
export function socketOpened(state: SessionState, nowMs: number): Step {
  if (state.kind !== "dialing") return stay(state);
  const deadlineMs = nowMs + sessionLimits.openingMs;
  const { standing, random } = state;
  const next: ProvingState | EnrollingState =
    standing.settings.purpose === "serve"
      ? { kind: "proving", standing, random, awaiting: "hello", welcome: null, deadlineMs }
      : { kind: "enrolling", standing, random, awaiting: "hello", hello: null, enrolled: null, deadlineMs };
  return stay(next);
}

/** hello → `send_opening`; welcome → `check_welcome`; anything else is a misuse. */
export function messageWhileProving(state: ProvingState, nowMs: number, message: CollectorMessage): Step {
  const { standing } = state;
  const link = standing.link;
  if (state.awaiting === "hello" && message.type === "hello") {
    if (message.collectorKey !== standing.settings.collectorKey) {
      const detail = `expected ${standing.settings.collectorKey ?? "none"}, was offered ${message.collectorKey}`;
      return fail(state, nowMs, { code: "collector_key_wrong", detail }, [
        closed(state, "normal", "wrong key"),
      ]);
    }
    const version = commonVersion(message.versionMin, message.versionCurrent);
    if (version === null) return versionUnknown(state, nowMs, message.versionMin, message.versionCurrent);
    return {
      state: { ...state, awaiting: "welcome" },
      effects: [
        {
          type: "send_opening",
          link,
          as: "prove",
          hello: message,
          version,
          features: standing.settings.features ?? [],
        },
      ],
    };
  }
  if (state.awaiting === "welcome" && message.type === "welcome") {
    return {
      state: { ...state, awaiting: "check", welcome: message },
      effects: [{ type: "check_welcome", link, welcome: message }],
    };
  }
  return misuse(state, nowMs, `${message.type} while waiting for ${state.awaiting}`);
}

/** hello → `send_opening`; enrolled → `check_enrolled`; anything else is a misuse. */
export function messageWhileEnrolling(state: EnrollingState, nowMs: number, message: CollectorMessage): Step {
  const link = state.standing.link;
  if (state.awaiting === "hello" && message.type === "hello") {
    const version = commonVersion(message.versionMin, message.versionCurrent);
    if (version === null) return versionUnknown(state, nowMs, message.versionMin, message.versionCurrent);
    return {
      state: { ...state, awaiting: "enrolled", hello: message },
      effects: [{ type: "send_opening", link, as: "enroll", hello: message, version, features: [] }],
    };
  }
  if (state.awaiting === "enrolled" && message.type === "enrolled") {
    return {
      state: { ...state, awaiting: "check", enrolled: message },
      effects: [{ type: "check_enrolled", link, enrolled: message }],
    };
  }
  return misuse(state, nowMs, `${message.type} while waiting for ${state.awaiting}`);
}

/** The only way on: right opens the session, or has the identity stored; wrong ends the socket. */
export function collectorChecked(state: SessionState, nowMs: number, right: boolean): Step {
  if ((state.kind !== "proving" && state.kind !== "enrolling") || state.awaiting !== "check")
    return stay(state);
  if (!right) {
    const detail = state.kind === "proving" ? "welcome.signature" : "enrolled.mac";
    return fail(state, nowMs, { code: "collector_proof_wrong", detail }, [
      closed(state, "bad_proof", detail),
    ]);
  }
  if (state.kind === "proving") return openSession(state, nowMs);
  assert(state.hello !== null && state.enrolled !== null, "checked what was never received");
  return {
    state: { ...state, awaiting: "stored" },
    effects: [
      {
        type: "store_identity",
        link: state.standing.link,
        serverId: state.enrolled.serverId,
        collectorKey: state.hello.collectorKey,
      },
    ],
  };
}

/** It is on the disk: enrolled, whatever has become of the socket meanwhile (a slow disk outlasts the collector's 5 s). */
export function identityStored(state: SessionState): Step {
  if (state.standing.settings.purpose !== "enroll" || state.kind === "idle") return stay(state);
  const ending = state.kind === "waiting" ? [] : [closed(state, "normal", "enrolled")];
  return finish(state, "enrolled", null, ending);
}

/** The version both speak, or null. */
function commonVersion(versionMin: number, versionCurrent: number): number | null {
  const version = Math.min(versionCurrent, VERSION_CURRENT);
  return version >= Math.max(versionMin, VERSION_MIN) ? version : null;
}

function versionUnknown(
  state: SessionState,
  nowMs: number,
  versionMin: number,
  versionCurrent: number,
): Step {
  const detail = `the collector speaks ${versionMin} to ${versionCurrent}, this agent ${VERSION_MIN} to ${VERSION_CURRENT}`;
  return fail(state, nowMs, { code: "version_unknown", detail }, [
    closed(state, "version_unsupported", "no common version"),
  ]);
}
