/**
 * Which addresses this machine reaches without any router between: its own and those of its own nets.
 * Why: a router that answers for everybody can only do so for what goes through it.
 * Must not: ask the network.
 */
import { BlockList, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/** Asking the system takes a tenth of a millisecond; thousands of answers may come in a minute. */
const NETS_KEPT_MS = 60_000;

/** `now`: monotonic ms. The answer is for an IP address as `probeAddress` returns it. */
export function createOnLink(now: () => number): (address: string) => boolean {
  let nets = { list: new BlockList(), untilMs: -Infinity };
  return (address) => {
    if (now() >= nets.untilMs) nets = { list: ownNets(), untilMs: now() + NETS_KEPT_MS };
    const [plain = ""] = address.split("%");
    return nets.list.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
  };
}

function ownNets(): BlockList {
  const list = new BlockList();
  for (const { address, cidr, family } of Object.values(networkInterfaces()).flatMap(
    (found) => found ?? [],
  )) {
    const prefix = Number(cidr?.split("/")[1]);
    // Prefix 0 would be everybody: some tunnels are set up so, and routers are behind them all the same.
    if (prefix > 0) list.addSubnet(address, prefix, family === "IPv6" ? "ipv6" : "ipv4");
  }
  return list;
}
