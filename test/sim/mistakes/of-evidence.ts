/**
 * Mistakes about probes, baselines and witnesses: which kind an alert gets, and whether probes may decide that there is one.
 */
import { mistake, type Mistake } from "./mistake.ts";
import { serviceEndedAndThenFrozen, stoppedAndThenVoid } from "./stories.ts";

const answers = "collector/core/answers.ts";
const baselines = "collector/core/baselines.ts";
const evidence = "collector/core/evidence.ts";
const pingOnly = "collector/core/ping-only.ts";
const rounds = "collector/core/rounds.ts";
const verdicts = "collector/core/verdicts.ts";

export const mistakesOfEvidence: readonly Mistake[] = [
  {
    name: "a probe that could not be asked is taken for a dead host",
    edits: [
      {
        file: evidence,
        was: 'return round.results.some((result) => result.verdict === "dead") ? "dead" : "none";',
        now: 'return round.results.some((result) => result.verdict !== "alive") ? "dead" : "none";',
      },
      {
        file: pingOnly,
        was: 'if (said !== "dead" || !baseline || round.results.every((result) => result.verdict !== "none")) return said;',
        now: 'if (said === "dead" || !baseline) return said;',
      },
    ],
  },
  mistake(
    "one silent port is enough to call a host dead, whatever else answers",
    evidence,
    'if (round.results.some((result) => result.verdict === "alive")) return "alive";',
    'if (round.results.every((result) => result.verdict === "alive")) return "alive";',
  ),
  mistake(
    "programs that say nothing are no sign of a hung host",
    evidence,
    "if (round.results.some((result) => silentBanner(result, baseline)))",
    "if (round.results.some((result) => silentBanner(result, null) && baseline))",
  ),
  mistake(
    "every silent program is a hung host, also where none ever spoke",
    baselines,
    "return usual !== undefined && usually(usual.asked, usual.spoke);",
    "return usual === undefined || usual.asked >= 0;",
  ),
  mistake(
    "a closed port is a silent program",
    baselines,
    'if (result.detail === "refused" || result.detail === "closed") return false;',
    "",
    serviceEndedAndThenFrozen,
  ),
  mistake(
    "an outage is learned as usual",
    rounds,
    'draft.publish("server", server.id);\n  return kept;',
    'draft.publish("server", server.id);\n  teach(draft, server.id, round);\n  return kept;',
  ),
  mistake(
    "nothing is ever learned of what a host usually answers",
    rounds,
    "if (isFine && undisturbedSince(draft, startedCoreMs)) teach(draft, server.id, round);",
    "void [isFine, undisturbedSince, teach];",
  ),
  mistake(
    "the rounds of a silence are never asked",
    rounds,
    'draft.effect({\n    type: "start_probe",\n    serverId: server.id,\n    roundId,',
    'if (silence && server.mode === "agent") return;\n  draft.effect({\n    type: "start_probe",\n    serverId: server.id,\n    roundId,',
  ),
  mistake(
    "another kind by probes of a collector that is cut off",
    answers,
    "if (!networkProvenSince(draft, server.id, before.startedCoreMs)) return;",
    "void networkProvenSince;",
  ),
  mistake(
    "a broken promise changes its name with the probes",
    answers,
    'if (!incident || incident.kind === "not_back") return;',
    "if (!incident) return;",
  ),
  mistake(
    "a device whose check fails is up as long as it answers ping",
    pingOnly,
    'return passed ? "alive" : "dead";',
    'return passed ? "alive" : verdictOf(round);',
  ),
  mistake(
    "a printer with a closed firewall is down because our ping is missing",
    pingOnly,
    'return tells ? "dead" : "none";',
    "return tells ? said : said;",
  ),
  mistake(
    "what can't be asked any more makes a stopped agent's host look dead",
    verdicts,
    'newest.every((round) => tellingVerdict(round, baseline) === "dead") &&',
    'newest.every((round) => verdictOf(round) === "dead" || baseline === null) &&',
    stoppedAndThenVoid,
  ),
  mistake(
    "one witness is believed",
    "collector/core/thresholds.ts",
    "witnessesAgree: 2,",
    "witnessesAgree: 1,",
  ),
  mistake(
    "a gateway that never answered is dead",
    "collector/core/gateways.ts",
    'const verdict = said === "dead" && !usual ? "none" : said;',
    'const verdict = said === "dead" && !usual ? "dead" : said;',
  ),
  mistake(
    "a gateway that can't be asked is dead",
    "collector/core/gateways.ts",
    'if (!round) return { verdict: "none", address: gateway.address, coreMs: draft.nowMs };',
    'if (!round) return { verdict: "dead", address: gateway.address, coreMs: draft.nowMs };',
  ),
];
