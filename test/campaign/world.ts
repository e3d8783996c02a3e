/**
 * One company for one scenario: wires, the internet, the head office with its collector, sites, hosts; all real processes.
 * Must not: share anything with another world, or leave a process, a namespace, a mount or a folder behind.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createApi, type Api, type ServerAnswer } from "../e2e/api.ts";
import type { Program } from "../e2e/program.ts";
import type { Telegram } from "../e2e/telegram.ts";
import { until } from "../e2e/wait.ts";
import { createCrew, type Crew } from "./crew.ts";
import { openDoor } from "./door.ts";
import { COLLECTOR_INSIDE, COLLECTOR_URL, createHeadOffice, type HeadOffice } from "./head-office.ts";
import { createHost, type Host } from "./host.ts";
import { createInternet } from "./internet.ts";
import { createWires, type Wires } from "./network.ts";
import { setFault } from "./proxy-control.ts";
import type { Programs } from "./programs.ts";
import { DOWN_AFTER_SECONDS, HEARTBEAT_SECONDS, type ProxyFault, type Scenario } from "./scenario.ts";

const API_TOKEN = "campaign-token-of-this-world-only";
/** Where a site's proxy listens, on its router. */
const PROXY_PORT = 7373;
/** Nobody listens there: "refused" proves a host alive. */
const CLOSED_PORT = 9;
const FIRST_CHAT_ID = 4_711;
/** From the start of all programs to a company at rest. */
const REST_LIMIT_MS = 90_000;

export interface World {
  readonly scenario: Scenario;
  readonly folder: string;
  readonly crew: Crew;
  readonly programs: Programs;
  readonly wires: Wires;
  readonly office: HeadOffice;
  readonly telegram: Telegram;
  /** False: connections to the Bot API are refused. */
  setTelegramOpen(open: boolean): Promise<void>;
  readonly api: Api;
  /** The collector's address for us. */
  readonly doorUrl: string;
  readonly hosts: ReadonlyMap<string, Host>;
  /** By the host's name; a crowd's servers are not among them. */
  readonly serverIds: ReadonlyMap<string, string>;
  readonly siteIds: ReadonlyMap<string, string>;
  readonly chatIds: ReadonlyMap<string, number>;
  /** Where the agents of a site dial. */
  collectorUrlAt(site: string): string;
  /** Sets the fault of a site's proxy. */
  setProxy(site: string, fault: ProxyFault): Promise<void>;
  hearing(): Promise<string>;
  close(): Promise<void>;
}

/** Where and of what a world is made. */
export interface WorldParts {
  /** Not used twice in one campaign. */
  readonly number: number;
  readonly scenario: Scenario;
  readonly programs: Programs;
  /** Of the campaign: the world's own lies in it. */
  readonly folder: string;
  /** Where the last words of its programs are written when it cannot be built. */
  readonly logFolder: string;
}

/** Builds it. Resolves when every registered server is up and the collector hears. */
export async function createWorld(parts: WorldParts): Promise<World> {
  const crew = createCrew();
  try {
    return await built(parts, crew);
  } catch (error) {
    await crew.writeLogs(parts.logFolder);
    await crew.close();
    throw error;
  }
}

async function built(parts: WorldParts, crew: Crew): Promise<World> {
  const { number, scenario, programs } = parts;
  const folder = join(parts.folder, `world-${number}`);
  await mkdir(folder);
  crew.atEnd(() => rm(folder, { recursive: true, force: true }));
  const wires = await createWires(String(number), scenario.sites);
  crew.atEnd(() => wires.close());

  const socket = join(folder, "collector.sock");
  const route = [{ listen: { path: socket }, to: COLLECTOR_INSIDE }];
  const [internet] = await Promise.all([
    createInternet(crew, { namespace: wires.internetNamespace, folder, programs }),
    crew.run(wires.collectorNamespace, [programs.faultProxy, JSON.stringify(route)], "listening"),
  ]);
  const door = await openDoor(socket);
  crew.atEnd(() => door.close());

  const office = await createHeadOffice({
    namespace: wires.collectorNamespace,
    folder,
    programs,
    doorUrl: door.url,
    settings: {
      DETAK_HEARTBEAT_SECONDS: String(HEARTBEAT_SECONDS),
      DETAK_DOWN_AFTER_SECONDS: String(DOWN_AFTER_SECONDS),
      DETAK_API_TOKEN: API_TOKEN,
      DETAK_LANGUAGE: "en",
      ...internet.collectorSettings,
      ...scenario.settings,
    },
    diskBytes: scenario.diskBytes ?? null,
    fakeTime: scenario.needs?.includes("libfaketime") === true,
    crew,
  });
  await office.startCollector();
  const api = createApi(door.url, API_TOKEN);
  const chatIds = await addRecipients(api, internet.telegram, scenario.recipients ?? ["Siaga"]);
  const siteIds = await addSites(api, scenario, wires);

  const proxies = new Map<string, Program>();
  const collectorUrls = new Map<string, string>();
  const hosts = new Map<string, Host>();
  const serverIds = new Map<string, string>();
  for (const site of scenario.sites) {
    const { gatewayAddress, routerNamespace } = wires.sites.get(site.name)!;
    let collectorUrl = COLLECTOR_URL;
    if (site.proxied === true) {
      const { hostname, port } = new URL(COLLECTOR_URL);
      const routes = [
        { listen: { host: gatewayAddress, port: PROXY_PORT }, to: { host: hostname, port: Number(port) } },
      ];
      proxies.set(
        site.name,
        await crew.run(routerNamespace, [programs.faultProxy, JSON.stringify(routes)], "listening"),
      );
      collectorUrl = `http://${gatewayAddress}:${PROXY_PORT}`;
    }
    collectorUrls.set(site.name, collectorUrl);
    for (const plan of site.hosts)
      hosts.set(
        plan.name,
        await createHost({
          plan,
          wires: wires.hosts.get(plan.name)!,
          folder: join(folder, plan.name),
          programs,
          collectorUrl,
          agentSettings: internet.agentSettings,
          crew,
        }),
      );
  }
  await Promise.all([...hosts.values()].map((host) => host.startSpeakers()));
  for (const site of scenario.sites)
    for (const plan of site.hosts) {
      const host = hosts.get(plan.name)!;
      if (plan.registered === false) continue;
      const { id } = await api.post<{ readonly id: string }>("servers", {
        name: plan.name,
        mode: plan.mode ?? "agent",
        siteId: siteIds.get(site.name),
        address: host.wires.address,
        probePorts: plan.speaks?.map(({ port }) => port) ?? [CLOSED_PORT],
        ...(plan.inside === undefined ? {} : { parentId: serverIds.get(plan.inside) }),
        ...(plan.check === undefined ? {} : { check: plan.check }),
      });
      serverIds.set(plan.name, id);
      if (plan.mode === "ping") continue;
      const { token } = await api.post<{ readonly token: string }>("enrollments", { serverId: id });
      host.startAgent(token);
    }

  const world: World = {
    scenario,
    folder,
    crew,
    programs,
    wires,
    office,
    telegram: internet.telegram,
    setTelegramOpen: (open) => internet.setTelegramOpen(open),
    api,
    doorUrl: door.url,
    hosts,
    serverIds,
    siteIds,
    chatIds,
    collectorUrlAt: (site) => collectorUrls.get(site) ?? COLLECTOR_URL,
    async setProxy(site, fault) {
      const proxy = proxies.get(site);
      if (proxy === undefined) throw new Error(`no proxy at ${site}`);
      await setFault(proxy, fault);
    },
    async hearing() {
      const answer = await fetch(new URL("/readyz", door.url), { signal: AbortSignal.timeout(5_000) });
      return ((await answer.json()) as { readonly hearing: string }).hearing;
    },
    close: () => crew.close(),
  };
  await until("every server is up, and the collector hears", REST_LIMIT_MS, async () => {
    const notUp = (await allServers(api)).filter(({ status }) => status !== "up");
    if (notUp.length > 0) throw new Error(notUp.map(({ name, status }) => `${name} is ${status}`).join(", "));
    return (await world.hearing()) === "hearing";
  });
  return world;
}

export async function allServers(api: Api): Promise<readonly ServerAnswer[]> {
  return (await api.get<{ readonly items: readonly ServerAnswer[] }>("servers?limit=500")).items;
}

async function addRecipients(
  api: Api,
  telegram: Telegram,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const chatIds = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const id = FIRST_CHAT_ID + index;
    await telegram.addChat({ id, type: "private", title: name });
    await api.post("recipients", { channel: "telegram", address: String(id), name, language: "en" });
    chatIds.set(name, id);
  }
  return chatIds;
}

async function addSites(api: Api, scenario: Scenario, wires: Wires): Promise<ReadonlyMap<string, string>> {
  const siteIds = new Map<string, string>();
  for (const site of scenario.sites) {
    const { id } = await api.post<{ readonly id: string }>("sites", {
      name: site.name,
      gatewayAddress: site.gatewayKnown === false ? null : wires.sites.get(site.name)!.gatewayAddress,
    });
    siteIds.set(site.name, id);
  }
  return siteIds;
}
