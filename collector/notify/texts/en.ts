/**
 * English, with the same keys and the same tone.
 */
import type { Texts } from "./texts.ts";

const PROBE_DETAIL: Readonly<Record<string, string>> = {
  unreachable: "is unreachable",
  name_not_found: "has a name that is not found",
  no_program: "could not be asked (no ping program)",
  no_permission: "could not be asked (no permission)",
  no_resources: "could not be asked (the collector's machine is out of resources)",
  bad_address: "could not be asked (the address can not be used)",
  not_asked: "could not be asked in time",
  local_error: "could not be asked (the collector failed to send)",
  other_address: "was answered by another address",
};

const counted = (one: string) => (count: number) => `${count} ${one}${count === 1 ? "" : "s"}`;

export const en: Texts = {
  state: {
    host_down: "DOWN",
    host_hung: "HUNG",
    agent_down: "AGENT STOPPED",
    path_down: "PATH DOWN",
    site_down: "SITE DOWN",
    mass_outage: "MASS OUTAGE",
    not_back: "NOT BACK",
    collector_trouble: "COLLECTOR TROUBLE",
    health: "NEEDS ATTENTION",
  },
  stateWorse: (state) => `WORSE: ${state}`,
  stateRecovered: "RECOVERED",
  stateLate: {
    host_down: "WAS DOWN, NOW BACK",
    host_hung: "WAS HUNG, NOW BACK",
    agent_down: "AGENT HAD STOPPED, NOW BACK",
    path_down: "PATH WAS DOWN, NOW BACK",
    site_down: "SITE WAS DOWN, NOW BACK",
    mass_outage: "MASS OUTAGE, NOW OVER",
    not_back: "WAS NOT BACK IN TIME, NOW BACK",
    collector_trouble: "COLLECTOR HAD TROUBLE, NOW FINE",
    health: "NEEDED ATTENTION, NOW FINE",
  },
  stateNeverCame: "NEVER HEARD",
  meaning: {
    host_down: "There is no sign of life from this server.",
    host_hung: "The server still answers ping, but its services are silent.",
    agent_down: "Its agent stopped reporting; the server itself still answers.",
    path_down: "Not reachable from the collector, but still reachable from elsewhere.",
    site_down: "All servers of this site are silent.",
    mass_outage: "Many servers at several sites fell silent at the same time.",
    not_back: "The server said it would be away for a moment, but is not back in time.",
    collector_trouble: "The collector cannot hear right now; how the servers are is not known.",
    health: "The server is up, but its health needs a look.",
  },
  variant: {
    lan: "Its gateway answers: look at the site's local network.",
    path: "The site can still be reached from elsewhere.",
    agents: "The servers are alive: it is the agents that stopped.",
  },
  neverCame: "This server was registered, but has not been heard even once.",
  neverCameAdvice: "Check that the agent is installed, its address, and its way to the collector.",
  toldLate: "This is told late: the message could only be sent now.",
  cause: {
    host_crash_or_power: "the server crashed or lost power",
    host_rebooted: "the server rebooted",
    host_hung: "the server hung",
    host_suspended: "the server was suspended or its VM paused",
    agent_stopped: "the agent program stopped",
    host_network: "the server's cable, network card or switch port failed",
    site_lan: "the site's local network failed",
    site_link: "the site's link failed",
    site_power: "the site lost power",
    site_link_or_power: "the site lost its link or its power",
    path_or_provider: "the path or the provider failed",
    collector: "the collector or its network failed",
    connection: "the connection between the agent and the collector failed",
    name_certificate_or_proxy: "a DNS name, certificate or proxy is wrong",
    planned: "planned work",
    unknown: "",
  },
  causeLikely: {
    high: (cause) => `Most likely ${cause}.`,
    medium: (cause) => `Probably ${cause}.`,
    low: (cause) => `Perhaps ${cause}; this is not certain.`,
  },
  causeUnknown: {
    high: "The cause is not known yet.",
    medium: "The cause is not known yet.",
    low: "The cause is not known yet; there is little evidence.",
  },
  evidenceThin: "This is not certain: there is little evidence.",
  causeFinal: (cause) => `Cause: ${cause}.`,
  causeFinalUnknown: "The cause is not known.",
  since: (started, detected) => `Since ${started}, noticed ${detected}`,
  sinceHeard: (started, detected) => `Since ${started} (last heard), noticed ${detected}`,
  registered: (started) => `Registered ${started}`,
  lasted: (kind, duration, period) => {
    const what = {
      host_down: "Was down for",
      host_hung: "Was hung for",
      agent_down: "The agent was silent for",
      path_down: "The path was down for",
      site_down: "The site was down for",
      mass_outage: "The mass outage lasted",
      not_back: "Was away for",
      collector_trouble: "The collector had trouble for",
      health: "Needed attention for",
    } as const;
    return `${what[kind]} ${duration}, ${period}`;
  },
  evidence: {
    lastHeard: (time) => `last heard ${time}`,
    fromCollector: "from the collector:",
    probe: (result, target, port, roundTrip) => {
      const asked =
        result.kind === "icmp"
          ? `ping ${target}`
          : `${result.kind === "tcp" ? "TCP" : result.kind === "http" ? "HTTP" : "greeting of port"} ${port ?? target}`;
      if (result.verdict === "alive") {
        if (result.detail === "refused") return `${asked} refused (so the machine lives)`;
        return `${asked} answers${roundTrip === null ? "" : ` (${roundTrip})`}`;
      }
      const detail = PROBE_DETAIL[result.detail];
      if (detail !== undefined) return `${asked} ${detail}`;
      return result.verdict === "dead" ? `${asked} gets no answer` : `${asked} could not be asked`;
    },
    socketOpen: "the agent's connection is still open",
    socketClosed: (time) => `the agent's connection closed ${time}`,
    reboot: (time, clean) =>
      `the server rebooted ${time}${clean === null ? "" : clean ? " cleanly" : " without a clean shutdown"}`,
    agentRestarted: (time) => `the agent restarted ${time}`,
  },
  duration: {
    seconds: counted("second"),
    minutes: counted("minute"),
    hours: counted("hour"),
    days: counted("day"),
  },
  weekdays: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
  months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
  incident: (number) => `Incident #${number}`,
  repeat: "Repeat: the first was not confirmed.",
  mapButton: "📍 Map",
  panel: (url) => `Panel: ${url}`,
  panelButton: "Open in panel",
  unnamed: "(no name)",
  linked: "✅ Linked. News about servers will come here.",
  alreadyLinked: "This chat is linked already; nothing has changed.",
  codeRefused: "That code is not valid or has expired. Please ask for a new one in the panel.",
};
