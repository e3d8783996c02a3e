/**
 * For test files that keep a core busy for minutes and do not care when: they give way to those that real time is measured in.
 * Why: on two cores a simulation beside them took the seconds in which agents beat and collectors are killed.
 * Must not: be used where anything waits for a deadline.
 */
import { constants, setPriority } from "node:os";

/** For this process, and what it starts from now on. */
export function giveWay(): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
