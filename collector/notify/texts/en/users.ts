/**
 * English texts for the users of a branch.
 * Tone: friendly and plain, as a colleague would say it.
 * Must not: name a server, an address or a technical term.
 */
import type { UserTexts } from "../shapes/users.ts";
import { counted } from "./measures.ts";

export const enUsers: UserTexts = {
  trouble: (place) => (place === null ? "System disruption" : `Disruption at ${place}`),
  over: (place) => (place === null ? "Systems are back" : `Back to normal: ${place}`),
  known: (places, since) =>
    `Systems${places === null ? "" : ` at ${places}`} have been disrupted since ${since}. The IT team knows and is working on it.`,
  mayNotice: {
    some: "Some applications or services may not work for now.",
    everything: "Applications, the internet or the connection to head office may not work for now.",
    nothing: "Most likely your work is not affected.",
  },
  willTell: "We will tell you here as soon as it is over.",
  works: (places, duration, period) =>
    `Systems${places === null ? "" : ` at ${places}`} are back to normal after ${duration} of disruption (${period}).`,
  thanks: "If something still does not work, please contact the IT team. Thank you for your patience.",
  sites: counted("site"),
  otherSites: counted("other site"),
};
