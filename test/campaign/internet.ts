/**
 * What a company finds on the internet: the Bot API (the strict fake, its ledger is the truth) and two sentinels.
 * Must not: know of the head office or of sites.
 */
import { join } from "node:path";
import { telegramAt, telegramDoors, type Telegram } from "../e2e/telegram.ts";
import type { Crew } from "./crew.ts";
import { openDoor } from "./door.ts";
import { SENTINEL_ADDRESSES, TELEGRAM_ADDRESS } from "./network.ts";
import type { Program } from "../e2e/program.ts";
import type { ProxyRoute } from "./fault-proxy.ts";
import { setFault } from "./proxy-control.ts";
import type { Programs } from "./programs.ts";
import type { SpeakerPlace } from "./speakers.ts";

const SENTINEL_PORT = 443;
const TELEGRAM_PORT = 80;

export interface Internet {
  readonly telegram: Telegram;
  /** False: its public address refuses connections. */
  setTelegramOpen(open: boolean): Promise<void>;
  /** Settings that let a collector find it. */
  readonly collectorSettings: Readonly<Record<string, string>>;
  /** Settings that let an agent find it. */
  readonly agentSettings: Readonly<Record<string, string>>;
}

export async function createInternet(
  crew: Crew,
  parts: { readonly namespace: string; readonly folder: string; readonly programs: Programs },
): Promise<Internet> {
  const { namespace, programs } = parts;
  const program = await crew.run(namespace, [programs.telegram, "--port", "0", "--control-port", "0"], "{");
  const doors = await telegramDoors(program);
  // The fake listens on its loopback; a public address and our own door lead there.
  const path = join(parts.folder, "telegram.sock");
  const front: ProxyRoute = {
    listen: { host: TELEGRAM_ADDRESS, port: TELEGRAM_PORT },
    to: addressOf(doors.apiRoot),
  };
  const back: ProxyRoute = { listen: { path }, to: addressOf(doors.control) };
  const sentinels = SENTINEL_ADDRESSES.map((host): SpeakerPlace => ({
    says: "silent",
    port: SENTINEL_PORT,
    host,
  }));
  const relay = (route: ProxyRoute): Promise<Program> =>
    crew.run(namespace, [programs.faultProxy, JSON.stringify([route])], "listening");
  const [frontProgram] = await Promise.all([
    relay(front),
    relay(back),
    crew.run(namespace, [programs.speakers, JSON.stringify(sentinels)], "listening"),
  ]);
  const publicAddresses = SENTINEL_ADDRESSES.map((host) => `${host}:${SENTINEL_PORT}`).join(",");
  const door = await openDoor(path);
  crew.atEnd(() => door.close());
  return {
    telegram: telegramAt({ ...doors, control: `${door.url}/control` }),
    setTelegramOpen: (open) => setFault(frontProgram, { type: open ? "pass" : "closed" }),
    collectorSettings: {
      DETAK_TELEGRAM_TOKEN: doors.token,
      DETAK_TELEGRAM_API_ROOT: `http://${TELEGRAM_ADDRESS}:${TELEGRAM_PORT}`,
      DETAK_SENTINELS: publicAddresses,
    },
    agentSettings: { DETAK_INTERNET_TARGETS: publicAddresses },
  };
}

function addressOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
