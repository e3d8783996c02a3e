/**
 * English texts of answers to commands and presses.
 * Tone: a colleague at the desk: what was done, or why not, and what to do instead.
 * Must not: blame.
 */
import type { AnswerTexts } from "../shapes/answers.ts";
import { counted, enMeasures } from "./measures.ts";

const { count } = enMeasures;

export const enAnswers: AnswerTexts = {
  hearing: {
    hearing: "",
    starting: "The collector has just started and judges nobody yet.",
    grace: "The collector has just started; silent servers will be judged in a moment.",
    drain: "The collector was held up and is catching up.",
    isolated:
      "The collector cannot hear: its own network is cut off. How the servers are may have changed meanwhile.",
  },
  lastKnown: (state) => `Last known: ${state}`,
  nothingDown: "Nothing is down.",
  downHead: counted("open incident"),
  since: (since, duration) => `Since ${since} (${duration})`,
  lastHeard: (time, ago) => `Last heard ${time} (${ago} ago)`,
  neverHeard: "Never heard yet",
  address: (address) => `Address ${address}`,
  cpu: (percent) => `CPU ${percent}`,
  memory: (percent) => `memory ${percent}`,
  disk: (mount, percent) => `fullest disk ${mount} ${percent}`,
  lastDay: (outages, duration) => `Last 24 hours: ${counted("outage")(outages)}, ${duration}`,
  lastDayCalm: "Last 24 hours: no outage",
  openIncident: (number, by) =>
    by === null
      ? `Incident ${number} is open, nobody on it yet`
      : `Incident ${number} is open, ${by} is on it`,
  several: (value, names) => `${count(value)} match: ${names}`,
  severalAdvice: "Please write more of the name.",
  noServer: (query) => `No server matches “${query}”.`,
  noSite: (query) => `No site matches “${query}”.`,
  whichServer: "Write the server's name, for example:",
  whichSite: "Write the site's name or code, for example:",
  siteEmpty: "There are no servers at this site yet.",
  gateway: (address, verdict) =>
    `Gateway ${address} ${{ alive: "answers", dead: "does not answer", none: "has not been asked yet" }[verdict]}`,
  provider: (provider, circuit) =>
    circuit === "" ? `Provider: ${provider}` : `Provider: ${provider}, circuit id ${circuit}`,
  circuit: (circuit) => `Circuit id ${circuit}`,
  contact: (contact) => `Contact: ${contact}`,
  noReport: "There are no records of that month.",
  taken: (number) => `Incident #${number} is yours now. Its reminders stop.`,
  takenAlready: (number, by) => `${by} is on incident #${number} already.`,
  quietUntil: (number, time) =>
    `Incident #${number} is muted until ${time}. You will still hear when it recovers.`,
  quietUntilRecovered: (number) =>
    `Incident #${number} is muted until it recovers. You will still hear when it does.`,
  quietAlready: (number, by) => `Incident #${number} was muted by ${by} already.`,
  muted: (name, time) =>
    `${name} is muted until ${time}, as maintenance. What is still down then will be told.`,
  notMuted: (name) => `${name} could not be muted now. Nothing was changed.`,
  unknownNumber: (number) => `There is no incident numbered ${number}. /down lists those that are open.`,
  closedAlready: (number, ended) => `Incident #${number} has been over since ${ended}.`,
  whichToTake: "Write the incident's number, for example:",
  whichToMute:
    "Write the incident's number, or the name of a server or a site; for how long if you like. For example:",
  muteDuration: "2 hours",
  languageSet: "All right, in English from now on.",
  whichLanguage: "Choose the language:",
  boardOn: "A board is pinned here now; it always says how things are.",
  boardOnUnpinned:
    "The board is here now, but I am not allowed to pin it: make me an admin who may pin messages, or pin it yourself.",
  boardOff: "The board is not kept up to date any more.",
  boardAlreadyOn: "There is a board here already.",
  boardAlreadyOff: "There is no board here anyway.",
  whichBoard: "Have a board here, or not:",
  helpHead: "What I can do:",
  notAllowed:
    "Sorry, you are not allowed to use that command in this chat yet. Send your id to a Detak admin:",
  unknownCommand: "I do not know that command. /help lists them all.",
  notKept: "The store is failing, so nothing was changed. Please try again in a moment.",
  linkedUsers: "✅ Linked. When something is wrong at your branch, the IT team will tell you here.",
  preview: (chats) => `This is what ${counted("user chat")(chats)} would get:`,
  toast: {
    taken: "Noted: it is yours.",
    takenAlready: (by) => `${by} is on it already.`,
    over: (time) => `It has been over since ${time}.`,
    checking: "Checking…",
    quietUntil: (time) => `Muted until ${time}. You will still hear when it recovers.`,
    quietUntilRecovered: "Muted until it recovers. You will still hear when it does.",
    announced: (chats) => `Sent to ${counted("user chat")(chats)}.`,
    announcedOver: "Users are told that it is over.",
    announcedAlready: "Users have been told already.",
    overAlready: "Users have been told already that it is over.",
    notAnnounced: "Users were never told of this one.",
    nobodyToAnnounceTo:
      "No user chat is linked for this site yet. Link one in the panel, under Notifications.",
    notAllowed: "You are not allowed to press buttons in this chat yet. Please ask a Detak admin.",
    incidentUnknown: "This incident is gone.",
    notKept: "The store is failing; nothing was changed. Please try again in a moment.",
  },
  commands: {
    status: "How things are now",
    down: "What is down, since when, who is on it",
    server: "One server: how it is and its health",
    site: "One site: servers, gateway, provider, contact",
    report: "The month's report: availability and outages",
    mute: "Mute an incident, a server or a site",
    ack: "Take an incident: I am on it",
    board: "A pinned board that says how things are: on or off",
    lang: "Change the language: id or en",
    help: "All commands",
  },
  arguments: {
    status: "",
    down: "",
    server: "name",
    site: "name",
    report: "2026-10",
    mute: "12 2 hours",
    ack: "12",
    board: "on",
    lang: "id",
    help: "",
  },
};
