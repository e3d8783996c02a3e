/**
 * The shape of how things are: each day, each month, on a pinned board, and in one message that tells several.
 * Must not: hold markup, or compute.
 */
import type { IncidentMinutes } from "../../../core/types/incident.ts";
import type { Status } from "../../../core/types/server.ts";

export interface SummaryTexts {
  /** What the first line is of: "Summary of Sun 29 Nov". */
  readonly digest: (day: string) => string;
  readonly report: (month: string) => string;
  readonly allUp: (servers: number) => string;
  readonly someUp: (up: number, servers: number) => string;
  readonly noServers: string;
  readonly openIncidents: (count: number) => string;
  readonly noneOpen: string;
  readonly openHead: string;
  readonly openSince: (time: string) => string;
  readonly takenBy: (by: string) => string;
  readonly nobody: string;
  /** Behind what is listed. */
  readonly more: (count: number) => string;
  readonly noIncidents: string;
  /** `total`: all minutes together, in words. */
  readonly incidents: (count: number, total: string) => string;
  readonly causes: (parts: readonly string[]) => string;
  readonly minutesOf: Readonly<Record<keyof IncidentMinutes, (duration: string) => string>>;
  readonly availability: (percent: string) => string;
  /** The same as a part of the first line. */
  readonly availabilityShort: (percent: string) => string;
  readonly worstHead: string;
  readonly worst: (name: string, incidents: number, duration: string) => string;
  /** When it was looked at. */
  readonly asOf: (time: string) => string;
  readonly updated: (time: string) => string;
  readonly status: Readonly<Record<Status, string>>;
  /** Several messages in one. */
  readonly several: {
    readonly head: (count: number) => string;
    readonly outages: (count: number) => string;
    readonly recovered: (count: number) => string;
    /** Before a command that can be touched to copy it. */
    readonly howToTake: string;
    readonly repeat: string;
  };
}
