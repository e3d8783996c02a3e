/**
 * Keys, nonces and inventories as the wire's schemas want them, without cryptography.
 * Why samples: the simulator proves order and fate of messages; that a signature is checked is proven in test/ingest.
 * Must not: be mistaken for keys.
 */
import type { Inventory } from "../../shared/health.ts";

/** 32 bytes in the one canonical spelling: 42 free characters and one whose unused bits are zero. */
function thirtyTwoBytes(text: string): string {
  return `${text.padStart(42, "k")}A`;
}

export const collectorKey = thirtyTwoBytes("collector");
export const signature = `${"s".repeat(85)}A`;

export function agentKeyOf(server: number): string {
  return thirtyTwoBytes(`agent${server}`);
}

export function nonceOf(number: number): string {
  return thirtyTwoBytes(`nonce${number}`);
}

export function inventoryOf(server: number): Inventory {
  return {
    hostName: `server-${server}`,
    platform: "linux",
    osName: "Debian GNU/Linux 12 (bookworm)",
    kernel: "6.1.0",
    arch: "x64",
    cpuModel: "simulated",
    cpuCount: 4,
    memoryTotalBytes: 8e9,
  };
}
