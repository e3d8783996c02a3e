/**
 * The wires of one world: the internet, the head office behind its router, sites behind theirs, and hosts.
 * Why real routers: a packet that is lost halfway, in one direction, or answered by a gateway is what evidence is made of.
 * Must not: know of agents, collectors or processes (host.ts, world.ts do).
 */
import type { HostPlan, SitePlan, Way } from "./scenario.ts";
import { createNamespaces, type Namespaces } from "./namespaces.ts";

/** Where the collector listens, on the head office's network. */
export const COLLECTOR_ADDRESS = "10.0.0.10";
/** Public addresses: two sentinels that are independent of each other, and the Bot API. */
export const SENTINEL_ADDRESSES = ["198.51.100.11", "198.51.100.12"] as const;
export const TELEGRAM_ADDRESS = "198.51.100.44";
const OFFICE_NET = "10.0.0.0/24";
/** Sites at most: their nets are 10.1.0.0/24 and on, their links lie in 203.0.113.0/24, four addresses each. */
export const SITES_MAX = 60;

export interface HostWires {
  readonly namespace: string;
  readonly address: string;
  /** Its cable, at its own end: out of a switched-off machine comes nothing. */
  setPlugged(plugged: boolean): Promise<void>;
  /** Whether its kernel answers ping. */
  setPingable(pingable: boolean): Promise<void>;
}

export interface SiteWires {
  /** The router's address on the site's network. */
  readonly gatewayAddress: string;
  readonly routerNamespace: string;
  cutLink(way: Way): Promise<void>;
  mendLink(): Promise<void>;
  /** The switch: no host reaches another, or the router; the router itself lives. */
  setLan(works: boolean): Promise<void>;
  setGatewayPingable(pingable: boolean): Promise<void>;
  /** Of what its router forwards, in each direction. */
  setLoss(percent: number): Promise<void>;
}

export interface Wires {
  readonly collectorNamespace: string;
  readonly internetNamespace: string;
  readonly sites: ReadonlyMap<string, SiteWires>;
  readonly hosts: ReadonlyMap<string, HostWires>;
  /** The head office's own link to the internet. */
  cutUplink(way: Way): Promise<void>;
  mendUplink(): Promise<void>;
  /** The collector's own cable to the head office's switch. */
  setCollectorPlugged(plugged: boolean): Promise<void>;
  /** Between the head office and one site only: both still reach everybody else. */
  setPath(site: string, works: boolean): Promise<void>;
  close(): Promise<void>;
}

/** `world`: a short word that is not used twice at a time. */
export async function createWires(world: string, sites: readonly SitePlan[]): Promise<Wires> {
  const namespaces = createNamespaces(world);
  try {
    return await laid(namespaces, sites);
  } catch (error) {
    await namespaces.close();
    throw error;
  }
}

async function laid(namespaces: Namespaces, plans: readonly SitePlan[]): Promise<Wires> {
  const { ip } = namespaces;
  const internet = await namespaces.add("net");
  await namespaces.set(internet, "net.ipv4.ip_forward", "1");
  for (const address of [...SENTINEL_ADDRESSES, TELEGRAM_ADDRESS])
    await ip(internet, "addr", "add", `${address}/32`, "dev", "lo");

  const office = await addRouter(namespaces, internet, { role: "office", place: 0, net: OFFICE_NET });
  const collector = await namespaces.add("head");
  await namespaces.cable(
    { namespace: collector, port: "eth0" },
    { namespace: office.namespace, port: "head" },
  );
  await ip(office.namespace, "link", "set", "head", "master", "lan");
  await ip(collector, "addr", "add", `${COLLECTOR_ADDRESS}/24`, "dev", "eth0");
  await ip(collector, "route", "add", "default", "via", office.gatewayAddress);

  const sites = new Map<string, SiteWires & { readonly net: string }>();
  const hosts = new Map<string, HostWires>();
  for (const [index, plan] of plans.entries()) {
    const place = index + 1;
    const net = `10.${place}.0.0/24`;
    const router = await addRouter(namespaces, internet, { role: `s${place}`, place, net });
    const ports: string[] = [];
    for (const [hostIndex, host] of plan.hosts.entries()) {
      const wires = await addHost(namespaces, router, {
        plan: host,
        role: `s${place}h${hostIndex + 1}`,
        port: `p${hostIndex + 1}`,
        address: `10.${place}.0.${10 + hostIndex}`,
        hypervisor: host.inside === undefined ? null : (hosts.get(host.inside)?.namespace ?? null),
      });
      if (host.inside === undefined) ports.push(`p${hostIndex + 1}`);
      hosts.set(host.name, wires);
    }
    sites.set(plan.name, {
      ...router,
      net,
      routerNamespace: router.namespace,
      async setLan(works) {
        for (const port of ports) await ip(router.namespace, "link", "set", port, works ? "up" : "down");
      },
    });
  }
  return {
    collectorNamespace: collector,
    internetNamespace: internet,
    sites,
    hosts,
    cutUplink: (way) => office.cutLink(way),
    mendUplink: () => office.mendLink(),
    async setCollectorPlugged(plugged) {
      await ip(collector, "link", "set", "eth0", plugged ? "up" : "down");
      if (plugged) await ip(collector, "route", "replace", "default", "via", office.gatewayAddress);
    },
    async setPath(site, works) {
      const net = sites.get(site)?.net;
      if (net === undefined) throw new Error(`no such site: ${site}`);
      await ip(office.namespace, "route", works ? "del" : "add", "blackhole", net);
    },
    close: () => namespaces.close(),
  };
}

interface Router extends Omit<SiteWires, "routerNamespace" | "setLan"> {
  readonly namespace: string;
}

/** A router with a link to the internet (interface `wan`) and a switch (`lan`) that has the net's first address. */
async function addRouter(
  namespaces: Namespaces,
  internet: string,
  { role, place, net }: { readonly role: string; readonly place: number; readonly net: string },
): Promise<Router> {
  const { ip } = namespaces;
  const namespace = await namespaces.add(role);
  const farPort = `to-${role}`;
  const near = `203.0.113.${place * 4 + 2}`;
  const far = `203.0.113.${place * 4 + 1}`;
  const gatewayAddress = net.replace(/0\/24$/, "1");
  await namespaces.cable({ namespace, port: "wan" }, { namespace: internet, port: farPort });
  await ip(namespace, "addr", "add", `${near}/30`, "dev", "wan");
  await ip(internet, "addr", "add", `${far}/30`, "dev", farPort);
  await ip(namespace, "link", "add", "lan", "type", "bridge");
  await ip(namespace, "addr", "add", `${gatewayAddress}/24`, "dev", "lan");
  await ip(namespace, "link", "set", "lan", "up");
  await namespaces.set(namespace, "net.ipv4.ip_forward", "1");
  const open = async (): Promise<void> => {
    await ip(internet, "route", "replace", net, "via", near);
    await ip(namespace, "route", "replace", "default", "via", far);
  };
  await open();
  return {
    namespace,
    gatewayAddress,
    async cutLink(way) {
      if (way === "cable") return ip(internet, "link", "set", farPort, "down");
      if (way === "both" || way === "towards") await ip(internet, "route", "replace", "blackhole", net);
      if (way === "both" || way === "from") await ip(namespace, "route", "replace", "blackhole", "default");
    },
    async mendLink() {
      await ip(internet, "link", "set", farPort, "up");
      await open();
    },
    async setGatewayPingable(pingable) {
      await namespaces.set(namespace, "net.ipv4.icmp_echo_ignore_all", pingable ? "0" : "1");
    },
    setLoss: (percent) => namespaces.nft(namespace, lossRules(percent)),
  };
}

/** The whole table each time: declared so that it can be flushed, then filled. */
function lossRules(percent: number): string {
  return `table inet loss {}
flush table inet loss
table inet loss {
  chain forward {
    type filter hook forward priority 0
    numgen random mod 100 < ${percent} drop
  }
}
`;
}

async function addHost(
  namespaces: Namespaces,
  router: Router,
  {
    plan,
    role,
    port,
    address,
    hypervisor,
  }: {
    readonly plan: HostPlan;
    readonly role: string;
    readonly port: string;
    readonly address: string;
    /** The namespace of the machine it lives in; null: it is a machine itself. */
    readonly hypervisor: string | null;
  },
): Promise<HostWires> {
  const { ip } = namespaces;
  if (plan.inside !== undefined && hypervisor === null)
    throw new Error(`${plan.name} must come after ${plan.inside}, of the same site`);
  const namespace = await namespaces.add(role);
  const switchNamespace = hypervisor ?? router.namespace;
  await namespaces.cable({ namespace, port: "eth0" }, { namespace: switchNamespace, port });
  await ip(switchNamespace, "link", "set", port, "master", "lan");
  // A hypervisor hands the network on to its machines by a switch of its own.
  const own = plan.hypervisor === true ? "lan" : "eth0";
  if (own === "lan") {
    await ip(namespace, "link", "add", "lan", "type", "bridge");
    await ip(namespace, "link", "set", "eth0", "master", "lan");
    await ip(namespace, "link", "set", "lan", "up");
  }
  await ip(namespace, "addr", "add", `${address}/24`, "dev", own);
  const route = (): Promise<void> =>
    ip(namespace, "route", "replace", "default", "via", router.gatewayAddress);
  await route();
  return {
    namespace,
    address,
    async setPlugged(plugged) {
      await ip(namespace, "link", "set", "eth0", plugged ? "up" : "down");
      // Taking an interface down takes its routes along.
      if (plugged) await route();
    },
    async setPingable(pingable) {
      await namespaces.set(namespace, "net.ipv4.icmp_echo_ignore_all", pingable ? "0" : "1");
    },
  };
}
