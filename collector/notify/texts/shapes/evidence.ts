/**
 * The shape of the evidence in words: what was heard, asked, answered and found out.
 * Must not: judge; each is half a sentence.
 */
import type { ProbeResult } from "../../../core/types/evidence.ts";
import type { CollectorReach } from "../../../core/types/journal.ts";

export interface EvidenceTexts {
  readonly lastHeard: (time: string) => string;
  /** Before what probes said, e.g. "from the collector:"; `by` names the server that asked. */
  readonly fromCollector: string;
  readonly fromWitness: (by: string | null) => string;
  readonly fromNeighbour: (by: string | null) => string;
  /** One probe; `target` is what was asked, `port` null for ICMP, `banner` what a program said. */
  readonly probe: (
    result: ProbeResult,
    target: string,
    port: string | null,
    roundTrip: string | null,
    banner: string | null,
  ) => string;
  readonly gateway: (address: string, verdict: ProbeResult["verdict"]) => string;
  readonly sentinelsAlive: (targets: readonly string[]) => string;
  readonly sentinelsFailed: (targets: readonly string[]) => string;
  readonly socketOpen: string;
  readonly socketClosed: (time: string) => string;
  readonly reboot: (time: string, clean: boolean | null) => string;
  readonly agentRestarted: (time: string) => string;
  /** Before what the agent wrote down while it could not be heard. */
  readonly journal: string;
  readonly ranAllAlong: string;
  readonly stoodStill: (duration: string) => string;
  readonly slept: (duration: string) => string;
  readonly stoppedInOrder: string;
  readonly gatewayReached: (reached: boolean) => string;
  readonly internetReached: (reached: boolean) => string;
  readonly linkDown: string;
  readonly collector: Readonly<Record<CollectorReach, string>>;
}
