/**
 * English texts of the evidence, each half a sentence.
 * Must not: judge.
 */
import { probeWords } from "../probe-words.ts";
import type { EvidenceTexts } from "../shapes/evidence.ts";

export const enEvidence: EvidenceTexts = {
  lastHeard: (time) => `last heard ${time}`,
  fromCollector: "from the collector:",
  fromWitness: (by) => (by === null ? "from another site:" : `from another site (${by}):`),
  fromNeighbour: (by) => (by === null ? "from the same site:" : `from the same site (${by}):`),
  probe: probeWords({
    ping: (target) => `ping ${target}`,
    tcp: (port) => `TCP ${port}`,
    service: (port) => `service on port ${port}`,
    http: (target) => `HTTP ${target}`,
    pinged: (asked, roundTrip) => `${asked} answers${roundTrip === null ? "" : ` (${roundTrip})`}`,
    unpinged: (asked) => `${asked} gets no answer`,
    answers: (asked, roundTrip) => `${asked} answers${roundTrip === null ? "" : ` (${roundTrip})`}`,
    speaks: (asked, banner) => `${asked} answers (${banner})`,
    refused: (asked) => `${asked} refused (so the machine lives)`,
    mute: (asked) => `${asked} connects, but its program is silent`,
    closes: (asked) => `${asked} connects, then closes at once`,
    speechless: (asked) => `${asked} connects, but gives no answer`,
    asExpected: (asked) => `${asked} answers as it should`,
    wrongStatus: (asked, status) => `${asked} answers with status ${status}`,
    textMissing: (asked) => `${asked} answers, but without the expected text`,
    notAsExpected: (asked) => `${asked} answers, but not as it should`,
    noAnswer: (asked) => `${asked} gets no answer`,
    couldNotAsk: (asked) => `${asked} could not be asked`,
    detail: {
      unreachable: "is unreachable",
      name_not_found: "has a name that is not found",
      no_program: "could not be asked (no ping program)",
      no_permission: "could not be asked (no permission)",
      no_resources: "could not be asked (the asking machine is out of resources)",
      bad_address: "could not be asked (the address can not be used)",
      not_allowed: "could not be asked (the address may not be asked)",
      not_asked: "could not be asked in time",
      local_error: "could not be asked (sending failed)",
      other_address: "was answered by another address",
      answered_for_all: "proves nothing (addresses that do not exist are answered too)",
    },
  }),
  gateway: (address, verdict) =>
    `gateway ${address} ${{ alive: "answers", dead: "gets no answer", none: "could not be asked" }[verdict]}`,
  sentinelsAlive: (targets) => `the collector reaches ${targets.join(", ")}`,
  sentinelsFailed: (targets) => `the collector does not reach ${targets.join(", ")}`,
  socketOpen: "the agent's connection is still open",
  socketClosed: (time) => `the agent's connection closed ${time}`,
  reboot: (time, clean) =>
    `the server rebooted ${time}${clean === null ? "" : clean ? " cleanly" : " without a clean shutdown"}`,
  agentRestarted: (time) => `the agent restarted ${time}`,
  journal: "the agent's journal:",
  ranAllAlong: "the agent ran all along",
  stoodStill: (duration) => `the machine stood still for ${duration}`,
  slept: (duration) => `the machine slept for ${duration}`,
  stoppedInOrder: "the agent was stopped in order",
  gatewayReached: (reached) => (reached ? "the gateway was reached" : "the gateway was not reached"),
  internetReached: (reached) => (reached ? "the internet was reached" : "the internet was not reached"),
  linkDown: "the machine's network link was down",
  collector: {
    ok: "the collector was reached",
    timeout: "the collector did not answer",
    refused: "the connection to the collector was refused",
    unreachable: "the collector was unreachable",
    name: "the collector's name was not found",
    certificate: "the collector's certificate was not trusted",
    proxy: "the proxy did not pass it on to the collector",
    rejected: "the collector rejected the agent",
    unknown: "the collector was not reached, it is not clear why",
  },
};
