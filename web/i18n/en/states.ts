/**
 * English texts of how something stands: the words for machine words of servers, incidents, deliveries, the collector.
 * Why together: a machine word must read the same wherever it is shown.
 * Has the keys of `../id/states.ts`: the compiler checks it.
 * Must not: say why something is so (story.ts does).
 */
import type { StateTexts } from "../id/states.ts";
import { plural } from "./count.ts";

export const enStates: StateTexts = {
  status: {
    new: "new",
    up: "healthy",
    suspect: "suspect",
    down: "down",
    planned: "planned",
    recovering: "recovering",
    paused: "paused",
  },
  statusMeaning: {
    new: "never heard from yet",
    up: "heard and well",
    suspect: "silent; being checked",
    down: "silent past the limit",
    planned: "said goodbye before going silent",
    recovering: "heard again; waiting to be sure",
    paused: "monitoring paused by staff",
  },
  kind: {
    host_down: "Server down",
    host_hung: "Server hung",
    agent_down: "Agent stopped",
    path_down: "Path to the server broken",
    site_down: "Site down",
    mass_outage: "Mass outage",
    not_back: "Not back after saying goodbye",
    collector_trouble: "Collector in trouble",
    health: "Server health",
  },
  variant: {
    "agent_down/service": "Service down",
    "site_down/lan": "Site's local network down",
    "site_down/path": "Path to the site broken",
    "site_down/agents": "Site's agents silent",
    "collector_trouble/uplink": "Collector cut off from outside",
    "collector_trouble/network": "Collector cut off from the network",
  },
  mark: {
    flapping: "flapping",
    unstable: "unstable",
    duplicate: "duplicate identity",
    maintenance: "maintenance",
  },
  markMeaning: {
    flapping: (incidents, since) =>
      `Flapping since ${since}: ${plural(incidents, "incident", "incidents")}. News is summed up until it is calm again.`,
    unstable: (n) =>
      `Silent for a moment ${plural(n, "time", "times")} within the last hour, then heard again. Look at its connection; nothing is down.`,
    duplicate: (addresses) =>
      `Two machines use this agent's identity${addresses === "" ? "" : `, from ${addresses}`}. One of them may go down unnoticed behind the other: install the agent on one of them again.`,
    maintenance: (until, note) =>
      `In maintenance until ${until}: incidents are recorded, but nobody is told.${note === "" ? "" : ` ${note}`}`,
  },
  confidence: { high: "confident", medium: "fairly confident", low: "not confident" },
  delivery: {
    queued: "waiting",
    sending: "being sent",
    sent: "sent",
    retry: "will be tried again",
    unknown: "not confirmed",
    rejected: "rejected",
    superseded: "replaced by a newer message",
  },
  channel: { telegram: "Telegram", webhook: "Webhook", ntfy: "ntfy" },
  hearing: {
    starting: "just started",
    grace: "quiet time after the start: nobody is judged yet",
    hearing: "hearing",
    drain: "catching up for a moment",
    isolated: "cannot hear: the collector itself is cut off",
  },
  telegram: {
    off: "off: no bot token yet",
    starting: "connecting",
    ok: "working",
    unauthorized: "Telegram refuses the token",
    other_poller: "another program uses this bot's token",
    unreachable: "Telegram can not be reached",
    failing: "Telegram answers with errors",
  },
  telegramAdvice: {
    off: "Make a bot with @BotFather, then start the collector with DETAK_TELEGRAM_TOKEN.",
    starting: "Wait a few seconds.",
    ok: "",
    unauthorized:
      "Check DETAK_TELEGRAM_TOKEN; the token may have been revoked at @BotFather. With a new token, start the collector again. When the one there is valid again, this heals by itself. Waiting messages are kept.",
    other_poller:
      "Stop that other program, or make a bot of its own for Detak. Messages are still sent, but buttons and commands are not read. This heals by itself as soon as the other program stops.",
    unreachable:
      "Check the internet and the DNS of the collector's machine. This heals by itself once it is reachable; waiting messages are kept and sent then.",
    failing:
      "The trouble is Telegram's, or of a proxy on the way, and usually heals by itself. Waiting messages are kept and sent afterwards.",
  },
  icmp: {
    ok: "possible",
    no_program:
      "no ping program: ping gives no evidence at all. Install iputils-ping (or fping) on the collector's machine.",
    no_permission:
      "there is a ping program but it may not send: ping gives no evidence at all. Grant CAP_NET_RAW or net.ipv4.ping_group_range.",
    unknown: "not tried yet",
  },
};
