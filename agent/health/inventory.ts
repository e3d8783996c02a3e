/**
 * What this machine is: from node:os and os-release at once, completed by a child where it knows more.
 * Why both: the panel shall name the machine even where the child is slow, forbidden or dead.
 * Must not: send a field that was not checked; every text is cut and cleaned.
 */
import { readFileSync } from "node:fs";
import { arch, cpus, hostname, platform, release, totalmem } from "node:os";
import { inventory as inventorySchema, type Inventory } from "../../shared/health.ts";
import type { ChildAnswer } from "./system-child.ts";

/** As the schema allows. */
const textMax = 200;

/** What firmware makers write where they should have written a name. */
const placeholders =
  /^(to be filled by o\.?e\.?m\.?|default string|system (manufacturer|product name)|not specified|none|unknown|-|0)?$/i;

/** The inventory with what the child answered (null: nothing yet, or never). */
export function composeInventory(child: ChildAnswer | null): Inventory {
  const answer = child?.ok === true ? child.answer : {};
  const processors = cpus();
  const found = {
    hostName: text(hostname(), 255) ?? "unknown",
    platform: platform(),
    osName: osReleaseName() ?? text(answer["osName"]) ?? `${platform()} ${release()}`,
    kernel: text(release()) ?? "unknown",
    arch: arch(),
    cpuModel: text(processors[0]?.model) ?? text(answer["cpuModel"]) ?? "unknown",
    cpuCount: processors.length,
    memoryTotalBytes: totalmem(),
  };
  const manufacturer = text(answer["manufacturer"]);
  const model = text(answer["model"]);
  const virtual = answer["virtual"];
  return inventorySchema.parse({
    ...found,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(typeof virtual === "boolean" ? { virtual } : {}),
  });
}

function text(value: unknown, max = textMax): string | undefined {
  if (typeof value !== "string") return undefined;
  // Control characters have no place in a name, and firmware writes some.
  const clean = value
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, max);
  return placeholders.test(clean) ? undefined : clean;
}

function osReleaseName(): string | undefined {
  if (platform() !== "linux") return undefined;
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      return text(parseOsReleaseName(readFileSync(path, "utf8")));
    } catch {
      // The next one.
    }
  }
  return undefined;
}

/** PRETTY_NAME of os-release, without its quotes. */
export function parseOsReleaseName(content: string): string | undefined {
  const value = /^PRETTY_NAME=(.*)$/m.exec(content)?.[1]?.trim();
  return value?.replace(/^(["'])(.*)\1$/, "$2").replace(/\\(["$`\\])/g, "$1");
}
