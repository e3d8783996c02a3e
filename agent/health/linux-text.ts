/**
 * Parsers for what Linux says in /proc and /sys: text in, values out.
 * Why apart from the reading: kernels and containers differ in odd lines, and fixtures of them are the tests.
 * Must not: open files, or throw on a strange line; a value that is not there is undefined or not in the list.
 */

/** Jiffies since boot, all processors together. */
export interface ProcessorTimes {
  readonly busy: number;
  readonly total: number;
}

/** /proc/stat, its first line: `cpu  user nice system idle iowait irq softirq steal guest guest_nice`. */
export function parseProcessorTimes(text: string): ProcessorTimes | undefined {
  const line = /^cpu[ \t]+(.+)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  // guest and guest_nice (9th, 10th) are already within user and nice. Old kernels end earlier.
  const times = line.trim().split(/\s+/).slice(0, 8).map(Number);
  if (times.length < 4 || !times.every((time) => Number.isFinite(time) && time >= 0)) return undefined;
  const total = times.reduce((sum, time) => sum + time, 0);
  const idle = (times[3] ?? 0) + (times[4] ?? 0);
  return { busy: total - idle, total };
}

/** The busy share between two readings, 0 to 1; undefined when the counters stood still or went back (containers). */
export function busyShare(before: ProcessorTimes, now: ProcessorTimes): number | undefined {
  const total = now.total - before.total;
  const busy = now.busy - before.busy;
  if (total <= 0 || busy < 0) return undefined;
  return Math.min(1, busy / total);
}

/** /proc/loadavg: `0.20 0.18 0.12 1/80 11206`. */
export function parseLoad(text: string): [number, number, number] | undefined {
  const [one, five, fifteen] = text.trim().split(/\s+/).slice(0, 3).map(Number);
  if (one === undefined || five === undefined || fifteen === undefined) return undefined;
  if (![one, five, fifteen].every((load) => Number.isFinite(load) && load >= 0)) return undefined;
  return [one, five, fifteen];
}

export interface MemorySizes {
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
}

/** /proc/meminfo. Kernels before 3.14 have no MemAvailable: free, buffers and page cache stand for it. */
export function parseMemory(text: string): MemorySizes | undefined {
  const sizes = new Map<string, number>();
  for (const match of text.matchAll(/^([A-Za-z]+):\s+(\d+) kB$/gm)) {
    if (match[1] !== undefined) sizes.set(match[1], Number(match[2]) * 1024);
  }
  const totalBytes = sizes.get("MemTotal");
  if (totalBytes === undefined || totalBytes === 0) return undefined;
  const freeBytes = sizes.get("MemFree");
  const availableBytes =
    sizes.get("MemAvailable") ??
    (freeBytes === undefined
      ? undefined
      : freeBytes + (sizes.get("Buffers") ?? 0) + (sizes.get("Cached") ?? 0));
  if (availableBytes === undefined) return undefined;
  return {
    totalBytes,
    availableBytes: Math.min(totalBytes, availableBytes),
    swapTotalBytes: sizes.get("SwapTotal") ?? 0,
    swapFreeBytes: sizes.get("SwapFree") ?? 0,
  };
}

/** Images that are always full by their nature; telling of them would only frighten. */
const readOnlyImages = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs"]);
/** Kept on local disks without a /dev name of their own. */
const poolFileSystems = new Set(["zfs", "bcachefs"]);
/** What container runtimes bind into a container: files of the host's disk, not disks. */
const boundFiles = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]);

interface Mount {
  readonly device: string;
  readonly root: string;
  readonly mount: string;
  readonly type: string;
  readonly source: string;
}

/**
 * /proc/self/mountinfo → the mount points of real, local file systems, one for each device. Network and user-space
 * file systems are left out: asking a dead one for its size can hang for hours.
 */
export function parseLocalMounts(text: string): string[] {
  const byPlace = new Map<string, Mount>();
  for (const line of text.split("\n")) {
    const mount = parseMountLine(line);
    // A later line on the same place hides the earlier one; that place then belongs to the later, even if foreign.
    if (mount !== undefined) byPlace.set(mount.mount, mount);
  }
  const byDevice = new Map<string, Mount>();
  for (const mount of byPlace.values()) {
    if (!isLocalDisk(mount)) continue;
    const other = byDevice.get(mount.device);
    if (other === undefined || describesBetter(mount, other)) byDevice.set(mount.device, mount);
  }
  return [...byDevice.values()].map((mount) => mount.mount);
}

/** `36 35 98:0 /root /mount rw,noatime shared:1 - ext4 /dev/sda1 rw`: the optional fields end at the dash. */
function parseMountLine(line: string): Mount | undefined {
  const [before, after] = line.split(" - ", 2);
  if (before === undefined || after === undefined) return undefined;
  const [, , device, root, mount] = before.split(" ");
  const [type, source] = after.split(" ");
  if (device === undefined || root === undefined || mount === undefined) return undefined;
  if (type === undefined || source === undefined) return undefined;
  return { device, root: unescaped(root), mount: unescaped(mount), type, source: unescaped(source) };
}

/** The kernel writes space, tab, newline and backslash in octal. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function isLocalDisk(mount: Mount): boolean {
  if (readOnlyImages.has(mount.type) || mount.type.startsWith("fuse.")) return false;
  if (boundFiles.has(mount.mount) || /^\/(dev|proc|sys)\//.test(mount.mount)) return false;
  if (mount.source.startsWith("/dev/") || poolFileSystems.has(mount.type)) return true;
  // The root of a container.
  return mount.mount === "/" && mount.type === "overlay";
}

/** A whole file system before a folder of it bound elsewhere, then the shorter name. */
function describesBetter(mount: Mount, other: Mount): boolean {
  if ((mount.root === "/") !== (other.root === "/")) return mount.root === "/";
  return mount.mount.length < other.mount.length;
}

export interface InterfaceCounters {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** /proc/net/dev → bytes since boot by interface. Old kernels write no space after the colon. */
export function parseInterfaces(text: string): Map<string, InterfaceCounters> {
  const interfaces = new Map<string, InterfaceCounters>();
  for (const match of text.matchAll(/^\s*([^\s|]+):\s*(\d[\d\s]*)$/gm)) {
    const counters = (match[2] ?? "").trim().split(/\s+/).map(Number);
    const [receivedBytes, sentBytes] = [counters[0], counters[8]];
    if (match[1] === undefined || receivedBytes === undefined || sentBytes === undefined) continue;
    interfaces.set(match[1], { receivedBytes, sentBytes });
  }
  return interfaces;
}

/** Made by software on top of others: their bytes are counted below, or never leave the machine. */
const virtualInterface =
  /^(lo\d*|docker.*|br-.*|virbr.*|veth.*|vnet.*|tap.*|tun.*|wg.*|cni.*|flannel.*|cali.*|vxlan.*|dummy.*|ifb.*|nlmon.*|sit\d+|ip6tnl\d+|tunl\d+|gre\d+|gretap\d+|erspan\d+|bond\d+|team\d+)$/;

/**
 * The interfaces to count: those with hardware behind them; in a container, where none has, those whose name does not
 * say that they are virtual.
 */
export function chooseInterfaces(names: readonly string[], hasHardware: (name: string) => boolean): string[] {
  const physical = names.filter(hasHardware);
  return physical.length > 0 ? physical : names.filter((name) => !virtualInterface.test(name));
}

export interface NetworkRates {
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
}

/** Bytes per second between two readings; an interface that is new, or whose counter went back, is left out. */
export function networkRates(
  before: ReadonlyMap<string, InterfaceCounters>,
  now: ReadonlyMap<string, InterfaceCounters>,
  elapsedMs: number,
): NetworkRates | undefined {
  if (elapsedMs <= 0) return undefined;
  let received = 0;
  let sent = 0;
  let counted = 0;
  for (const [name, counters] of now) {
    const earlier = before.get(name);
    if (earlier === undefined) continue;
    if (counters.receivedBytes < earlier.receivedBytes || counters.sentBytes < earlier.sentBytes) continue;
    received += counters.receivedBytes - earlier.receivedBytes;
    sent += counters.sentBytes - earlier.sentBytes;
    counted += 1;
  }
  if (counted === 0) return undefined;
  return {
    receivedBytesPerSecond: Math.round((received * 1000) / elapsedMs),
    sentBytesPerSecond: Math.round((sent * 1000) / elapsedMs),
  };
}

/** The hottest of some sensors in thousandths of °C; readings that no running machine has are broken sensors. */
export function hottestCelsius(texts: readonly string[]): number | undefined {
  const celsius = texts
    .filter((text) => /^-?\d+\s*$/.test(text))
    .map((text) => Number(text) / 1000)
    .filter((value) => value > -40 && value < 150 && value !== 0);
  return celsius.length === 0 ? undefined : Math.round(Math.max(...celsius) * 10) / 10;
}
