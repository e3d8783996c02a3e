/**
 * English numbers, durations, days and counts.
 * Must not: round.
 */
import { counter } from "../numbers.ts";
import type { MeasureTexts } from "../shapes/measures.ts";

const count = counter("en-GB");

/** `1 server`, `1,234 servers`. */
export const counted = (one: string) => (value: number) => `${count(value)} ${one}${value === 1 ? "" : "s"}`;

export const enMeasures: MeasureTexts = {
  duration: {
    seconds: counted("second"),
    minutes: counted("minute"),
    hours: counted("hour"),
    days: counted("day"),
  },
  weekdays: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
  months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
  monthsWhole: [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
  ],
  count,
  decimalMark: ".",
  percent: (digits) => `${digits}%`,
  servers: counted("server"),
  serversAtSites: (servers, sites) => `${counted("server")(servers)} at ${counted("site")(sites)}`,
  andOthers: (value) => `and ${count(value)} more`,
  listed: (names) =>
    names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`,
  noSite: "No site",
  unnamed: "(no name)",
};
