/**
 * One collector on one folder. What holds the lock is a listening socket in the folder: the kernel lets go of it when the
 * process dies, however it dies, so that no lock is ever stale and no process number has to be believed.
 * Why a socket file: it is seen by every container that shares the folder on the same host, unlike process numbers.
 * Must not: keep the process running, or touch the store's files.
 *
 * How two starters at once are told apart: each publishes its own socket before it looks for others, so at least one of
 * them sees the other, and nobody becomes the owner while another one lives. Whoever meets an owner (its marker file says
 * so), or a starter whose name sorts before its own, gives up; the other one waits until that starter gave up. So there is
 * never more than one owner, and always one.
 *
 * Limits, for the operator: two hosts that share a folder over the network do not see each other's sockets; there only
 * the check of json-file.ts helps (state.json changed by another program). Where a folder can't hold sockets (FAT, some
 * shares of desktop machines) they stand in the system's temporary folder, which containers do not share; a notice says
 * so. On Windows it is a named pipe, one for the folder's real path.
 */
import { createHash, randomBytes } from "node:crypto";
import { promises as node } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { storeFailure, systemCode } from "./failures.ts";
import { closeServer, isListening, listen } from "./lock-socket.ts";
import { StoreFailure, StoreInUse } from "./storage.ts";

export interface Lock {
  /** Not null: the lock is weaker than usual, and why. */
  readonly notice: string | null;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface LockOptions {
  readonly folder: string;
  /** Where the socket stands, and where it stands instead when there it can't. Default: the folder, a temporary one. */
  readonly meetingFolders?: readonly [first: string, second: string];
}

/** Longest socket path that all systems take: 104 bytes on macOS with the closing zero, 108 on Linux. */
const socketPathByteCountMax = 100;
/** How long to wait for another starter to give up, 5 s in all. It needs milliseconds, unless its process was stopped. */
const starterRounds = 200;
const starterRoundMs = 25;

/** `collector-<process>-<random>.lock` is a socket, with `.new` one not yet published, with `.owner` a marker. */
const namePattern = /^collector-(\d{1,10})-[0-9a-f]{16}\.lock$/;
const remainsPattern = /^collector-\d{1,10}-[0-9a-f]{16}\.lock(?:\.new|\.owner)?$/;
const longestName = `collector-${"0".repeat(10)}-${"0".repeat(16)}.lock.new`;

/**
 * Locks the folder for this process until `close` or its death. Rejects with StoreInUse while another one lives, with
 * StoreFailure when no folder can hold the lock.
 */
export async function lockFolder(options: LockOptions): Promise<Lock> {
  if (process.platform === "win32") return lockPipe(await node.realpath(options.folder));
  const { folder } = options;
  const first = options.meetingFolders?.[0] ?? folder;
  const owned = await ownIn(first, folder, null);
  if (owned.type === "owned") return owned.lock;
  const second = options.meetingFolders?.[1] ?? (await temporaryFolder(folder));
  const ownedThere = await ownIn(second, folder, weakNotice(folder));
  if (ownedThere.type === "owned") return ownedThere.lock;
  throw storeFailure(ownedThere.refusal, "lock", folder);
}

type Owned =
  | { readonly type: "owned"; readonly lock: Lock }
  | { readonly type: "no_sockets"; readonly refusal: unknown };

async function ownIn(meetingFolder: string, folder: string, notice: string | null): Promise<Owned> {
  const place = await openPlace(meetingFolder);
  try {
    const published = await publish(place);
    return { type: "owned", lock: await own(published, folder, notice) };
  } catch (error) {
    await place.close();
    const code = systemCode(error);
    if (code !== null && socketRefusals.has(code)) return { type: "no_sockets", refusal: error };
    throw storeFailure(error, "lock", folder);
  }
}

/** What binding a socket answers on file systems that have none. */
const socketRefusals: ReadonlySet<string> = new Set([
  "EPERM",
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "ENAMETOOLONG",
  "ENXIO",
]);

const weakNotice = (folder: string): string =>
  `${folder} can't hold sockets; the lock stands in the temporary folder. A second collector in another container ` +
  `or on another host would not be noticed: run only one.`;

async function temporaryFolder(folder: string): Promise<string> {
  const owner = process.getuid?.() ?? 0;
  const digest = createHash("sha256")
    .update(await node.realpath(folder))
    .digest("hex");
  return join(tmpdir(), `detak-${owner}-${digest.slice(0, 16)}`);
}

// ── A place for sockets ──────────────────────────────────────────────────────────────────────────────

/** A folder under a path that is short enough for a socket's address. */
interface Place {
  readonly folder: string;
  address(name: string): string;
  close(): Promise<void>;
}

async function openPlace(folder: string): Promise<Place> {
  await node.mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw storeFailure(error, "make the folder", folder);
  });
  const longest = join(folder, longestName);
  if (Buffer.byteLength(longest) <= socketPathByteCountMax || process.platform !== "linux") {
    return { folder, address: (name) => join(folder, name), close: () => Promise.resolve() };
  }
  // Linux lets a long path be entered through an open handle of the folder.
  const handle: FileHandle = await node.open(folder, "r");
  return {
    folder,
    address: (name) => `/proc/self/fd/${handle.fd}/${name}`,
    close: () => handle.close(),
  };
}

// ── Our own socket ───────────────────────────────────────────────────────────────────────────────────

interface Published {
  readonly place: Place;
  readonly name: string;
  /** From now on others need not wait for this one to give up. */
  becomeOwner(): Promise<void>;
  /** Still there under its name? Nobody may remove it while it listens. */
  stands(): Promise<boolean>;
  close(): Promise<void>;
}

/** Listens under a private name first, so that the socket answers from the moment others can see it. */
async function publish(place: Place): Promise<Published> {
  const name = `collector-${process.pid}-${randomBytes(8).toString("hex")}.lock`;
  const newAddress = place.address(`${name}.new`);
  if (Buffer.byteLength(newAddress) > socketPathByteCountMax) {
    throw Object.assign(new Error("path too long for a socket"), { code: "ENAMETOOLONG" });
  }
  const server = await listen(newAddress);
  const path = join(place.folder, name);
  try {
    await node.rename(`${path}.new`, path);
  } catch (error) {
    await closeServer(server);
    throw error;
  }
  let closed: Promise<void> | null = null;
  return {
    place,
    name,
    becomeOwner: () => node.writeFile(`${path}.owner`, "", { mode: 0o600 }),
    stands: () =>
      node.stat(path).then(
        () => true,
        () => false,
      ),
    close: () =>
      (closed ??= (async () => {
        await node.unlink(`${path}.owner`).catch(() => undefined);
        await node.unlink(path).catch(() => undefined);
        await closeServer(server);
        await place.close();
      })()),
  };
}

/** Decides between this published starter and all others in its place. */
async function own(published: Published, folder: string, notice: string | null): Promise<Lock> {
  try {
    for (let round = 0; round < starterRounds; round++) {
      const others = await livingOthers(published);
      const stronger = others.find((other) => other.isOwner || other.name < published.name);
      if (stronger !== undefined) throw inUse(folder, stronger.processId);
      if (others.length === 0) {
        if (!(await published.stands()))
          throw new StoreFailure(`The lock in ${folder} was removed. Try again.`);
        await published.becomeOwner();
        await removeRemains(published);
        return { notice, close: () => published.close() };
      }
      await wait(starterRoundMs);
    }
    throw inUse(folder, null);
  } catch (error) {
    await published.close();
    throw error;
  }
}

function inUse(folder: string, processId: string | null): StoreInUse {
  const who = processId === null ? "another collector" : `another collector (process ${processId})`;
  return new StoreInUse(
    `${folder} is in use by ${who}. Stop it first, or give this one its own folder. Nothing was changed.`,
  );
}

// ── The others' sockets ──────────────────────────────────────────────────────────────────────────────

interface Other {
  readonly name: string;
  readonly isOwner: boolean;
  readonly processId: string;
}

async function livingOthers({ place, name: ownName }: Published): Promise<readonly Other[]> {
  const names = await node.readdir(place.folder);
  const others: Other[] = [];
  for (const name of names) {
    const processId = namePattern.exec(name)?.[1];
    if (processId === undefined || name === ownName) continue;
    if (!(await isListening(place.address(name)))) continue;
    others.push({ name, isOwner: names.includes(`${name}.owner`), processId });
  }
  return others;
}

/** What dead processes left. Only the owner tidies up; a starter that is publishing itself just now sees it, and says so. */
async function removeRemains({ place, name: ownName }: Published): Promise<void> {
  for (const name of await node.readdir(place.folder)) {
    if (!remainsPattern.test(name) || name.startsWith(ownName)) continue;
    const socketName = name.replace(/\.owner$/, "");
    if (await isListening(place.address(socketName))) continue;
    await node.unlink(join(place.folder, name)).catch(() => undefined);
  }
}

// ── Windows ──────────────────────────────────────────────────────────────────────────────────────────

/** A pipe's name can be made only once while its process lives: nothing else is needed. */
async function lockPipe(folder: string): Promise<Lock> {
  const digest = createHash("sha256").update(folder.toLowerCase()).digest("hex");
  const server = await listen(`\\\\.\\pipe\\detak-${digest}`).catch((error: unknown) => {
    const code = systemCode(error);
    if (code === "EADDRINUSE" || code === "EACCES") throw inUse(folder, null);
    throw storeFailure(error, "lock", folder);
  });
  let closed: Promise<void> | null = null;
  return { notice: null, close: () => (closed ??= closeServer(server)) };
}
