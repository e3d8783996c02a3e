/**
 * Makes a scenario's steps happen, one after the other, and notes the moments it names.
 * Must not: judge anything (verdict.ts), or hide that a step could not be done: then it rejects.
 */
import { setTimeout as delay } from "node:timers/promises";
import { unreachable } from "../../shared/assert.ts";
import { until } from "../e2e/wait.ts";
import type { Host } from "./host.ts";
import { LEARN_SECONDS, type Condition, type Step } from "./scenario.ts";
import { forgeGoodbye, speakAs } from "./voice.ts";
import { allServers, type World } from "./world.ts";

/** Unix ms, by the mark's name. */
export type Marks = ReadonlyMap<string, number>;

export async function performSteps(world: World): Promise<Marks> {
  const marks = new Map<string, number>();
  for (const step of world.scenario.steps) {
    if (step.mark !== undefined) marks.set(step.mark, Date.now());
    try {
      await perform(world, step);
    } catch (error) {
      throw new Error(`${JSON.stringify(step)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return marks;
}

async function perform(world: World, step: Step): Promise<void> {
  const { office, telegram, wires, api } = world;
  switch (step.do) {
    case "pass":
      return delay(step.seconds * 1_000);
    case "learn":
      return delay(LEARN_SECONDS * 1_000);
    case "until":
      return conditionMet(world, step.what, step.withinSeconds);
    case "cut_power":
      return hostOf(world, step.host).cutPower();
    case "restore_power":
      return hostOf(world, step.host).restorePower();
    case "kill_agent":
      return hostOf(world, step.host).killAgent();
    case "start_agent":
      hostOf(world, step.host).startAgent();
      return;
    case "stop_agent":
      return hostOf(world, step.host).stopAgent(step.reason);
    case "freeze_agent":
    case "thaw_agent":
      hostOf(world, step.host).freezeAgent(step.do === "freeze_agent");
      return;
    case "freeze_host":
    case "thaw_host":
      hostOf(world, step.host).freeze(step.do === "freeze_host");
      return;
    case "unplug":
    case "plug":
      return hostOf(world, step.host).wires.setPlugged(step.do === "plug");
    case "mute_ping":
    case "unmute_ping":
      return hostOf(world, step.host).wires.setPingable(step.do === "unmute_ping");
    case "serve_status":
      return hostOf(world, step.host).setWebStatus(step.status);
    case "clone_agent": {
      const host = hostOf(world, step.host);
      await host.cloneStateOf(hostOf(world, step.from));
      host.startAgent();
      return;
    }
    case "cut_link":
      return siteOf(world, step.site).cutLink(step.way);
    case "mend_link":
      return siteOf(world, step.site).mendLink();
    case "cut_lan":
    case "mend_lan":
      return siteOf(world, step.site).setLan(step.do === "mend_lan");
    case "cut_path":
    case "mend_path":
      return wires.setPath(step.site, step.do === "mend_path");
    case "cut_site_power":
      // The router dies with the rest: nothing at the site answers.
      await siteOf(world, step.site).cutLink("both");
      await Promise.all(hostsOfSite(world, step.site).map((host) => host.cutPower()));
      return;
    case "restore_site_power":
      await siteOf(world, step.site).mendLink();
      await Promise.all(hostsOfSite(world, step.site).map((host) => host.restorePower()));
      return;
    case "mute_gateway":
    case "unmute_gateway":
      return siteOf(world, step.site).setGatewayPingable(step.do === "unmute_gateway");
    case "lose_packets":
      return siteOf(world, step.site).setLoss(step.percent);
    case "proxy":
      return world.setProxy(step.site, step.fault);
    case "cut_uplink":
      return wires.cutUplink(step.way);
    case "mend_uplink":
      return wires.mendUplink();
    case "unplug_collector":
    case "plug_collector":
      return wires.setCollectorPlugged(step.do === "plug_collector");
    case "kill_collector":
      await office.collector.kill();
      return;
    case "stop_collector":
      await office.collector.stop();
      return;
    case "start_collector":
      return office.startCollector();
    case "freeze_collector":
    case "thaw_collector":
      office.collector.signal(step.do === "freeze_collector" ? "SIGSTOP" : "SIGCONT");
      return;
    case "reboot_collector_host":
      return office.rebootHost();
    case "fill_disk":
      return office.fillDisk();
    case "free_disk":
      return office.freeDisk();
    case "tear_state":
      return office.tearState();
    case "step_clock":
      return office.stepClock(step.seconds);
    case "telegram_fault":
      return telegram.fault(step.method, step.fault, step.times);
    case "telegram_mend":
      return telegram.clearFaults();
    case "telegram_refuse":
    case "telegram_accept":
      return world.setTelegramOpen(step.do === "telegram_accept");
    case "telegram_membership":
      return telegram.setMembership(found(world.chatIds, step.to), step.membership);
    case "pause":
    case "resume":
      await api.post(`servers/${found(world.serverIds, step.host)}/${step.do}`, {});
      return;
    case "delete":
      return api.remove(`servers/${found(world.serverIds, step.host)}`);
    case "rename":
      await api.patch(`servers/${found(world.serverIds, step.host)}`, { name: step.name });
      return;
    case "maintain":
      await api.post("maintenance", {
        ...(step.host === undefined ? {} : { serverId: found(world.serverIds, step.host) }),
        ...(step.site === undefined ? {} : { siteId: found(world.siteIds, step.site) }),
        endsAt: new Date(Date.now() + step.forSeconds * 1_000).toISOString(),
        note: "campaign",
      });
      return;
    case "speak_as":
      return speakAs(world, hostOf(world, step.host), step);
    case "forge_goodbye":
      return forgeGoodbye(world);
    case "gather_crowd":
      return gatherCrowd(world, step.site, step.count);
    default:
      return unreachable(step);
  }
}

/** They dial as the site's agents do; one token is for all of them. */
async function gatherCrowd(world: World, site: string, count: number): Promise<void> {
  const { token } = await world.api.post<{ readonly token: string }>("enrollments", {
    siteId: found(world.siteIds, site),
    uses: count,
  });
  const words = [world.programs.crowd, world.collectorUrlAt(site), String(count), token];
  await world.crew.run(siteOf(world, site).routerNamespace, words, "gathered");
}

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`nobody is called ${name}`);
  return value;
}
const hostOf = (world: World, name: string): Host => found(world.hosts, name);
const siteOf = (world: World, name: string) => found(world.wires.sites, name);

function hostsOfSite(world: World, site: string): readonly Host[] {
  const plan = world.scenario.sites.find(({ name }) => name === site);
  return (plan?.hosts ?? []).map(({ name }) => hostOf(world, name));
}

function conditionMet(world: World, what: Condition, withinSeconds: number): Promise<void> {
  return until(JSON.stringify(what), withinSeconds * 1_000, async () => {
    const problem = await missing(world, what);
    if (problem !== null) throw new Error(problem);
    return true;
  }).then(() => undefined);
}

/** What the condition still lacks; null: it is met. */
async function missing(world: World, what: Condition): Promise<string | null> {
  switch (what.type) {
    case "status": {
      const { status } = await world.api.server(found(world.serverIds, what.host));
      return status === what.status ? null : `it is ${status}`;
    }
    case "all_up": {
      const notUp = (await allServers(world.api)).filter(({ status }) => status !== "up");
      return notUp.length === 0 ? null : notUp.map(({ name, status }) => `${name} is ${status}`).join(", ");
    }
    case "open_incidents": {
      const open = (await world.api.incidents()).filter(({ endedAt }) => endedAt === null);
      return open.length === what.count ? null : `${open.length} are open`;
    }
    case "told": {
      const { length } = await world.telegram.ledger();
      return length >= what.count ? null : `${length} were accepted`;
    }
    case "hearing": {
      const state = await world.hearing();
      return state === what.state ? null : `it says ${state}`;
    }
    default:
      return unreachable(what);
  }
}
