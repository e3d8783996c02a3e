/**
 * Who may import whom: the table of the architecture, as data.
 * Must not: grow exceptions for convenience; a line here is a decision about the house.
 */
import type { ImportFound } from "./house.ts";

interface Room {
  /** The room's files; the first room that matches counts. */
  readonly files: RegExp;
  /** Files it may import as values. */
  readonly values: readonly RegExp[];
  /** Files of which it may import types. */
  readonly types?: readonly RegExp[];
  readonly packages: readonly string[];
  readonly typePackages?: readonly string[];
  /** Only by `import()`, where the program does without. */
  readonly dynamicPackages?: readonly string[];
  readonly node: boolean;
}

const shared = /^shared\/(?!probe\/)/;
const sharedWithProbes = /^shared\//;
const wordsOfCore = [/^collector\/core\/types\/[a-z]+\.ts$/];

/** A room of the collector beside the core: itself, types of the core, shared, packages of its own. */
const sideRoom = (name: string, packages: readonly string[], more: readonly RegExp[] = []): Room => ({
  files: new RegExp(`^collector/${name}/`),
  values: [new RegExp(`^collector/${name}/`), shared, ...more],
  types: wordsOfCore,
  packages,
  typePackages: ["pino"],
  node: true,
});

const rooms: readonly Room[] = [
  // A composition root may import anything.
  { files: /^(?:collector|agent)\/main\.ts$/, values: [/^(?!test\/)/], packages: ["*"], node: true },
  { files: /^test\//, values: [/^/], packages: ["*"], node: true },
  // Runs before anything is installed, and builds.
  {
    files: /^collector\/start\//,
    values: [/^collector\/start\//],
    packages: [],
    dynamicPackages: ["esbuild"],
    node: true,
  },
  { files: /^shared\/probe\//, values: [sharedWithProbes], packages: ["zod"], node: true },
  { files: /^shared\//, values: [shared], packages: ["zod"], node: false },
  {
    files: /^collector\/core\//,
    values: [/^collector\/core\//, /^shared\/(?:assert|rng|backoff|health)\.ts$/],
    packages: [],
    node: false,
  },
  sideRoom("ingest", ["ws", "nanoid", "zod"]),
  sideRoom("probe", [], [/^shared\/probe\//]),
  sideRoom("storage", ["lowdb", "zod"], [/^collector\/core\/apply\.ts$/]),
  sideRoom("notify", ["node-telegram-bot-api", "standardwebhooks", "nanoid", "zod"]),
  {
    ...sideRoom("report", ["temporal-polyfill"]),
    // Native code: without it there are no pictures.
    dynamicPackages: ["@resvg/resvg-js"],
  },
  {
    files: /^collector\/loop\.ts$/,
    values: [/^collector\/core\/(?:decide|apply|state|failed-commit|draft)\.ts$/, shared],
    types: [...wordsOfCore, /^collector\/storage\/storage\.ts$/, /^collector\/clock\.ts$/],
    packages: [],
    node: true,
  },
  // Beside the composition root: parts of it, each handed what it needs.
  {
    files: /^collector\/[^/]+\.ts$/,
    values: [/^collector\/(?!main\.ts$|start\/)/, sharedWithProbes],
    types: [/^web\/source(?:-[a-z]+)?\.ts$/],
    packages: ["nanoid", "pino", "zod"],
    node: true,
  },
  {
    files: /^agent\//,
    values: [/^agent\/(?!main\.ts$)/, sharedWithProbes],
    packages: ["ws", "zod"],
    dynamicPackages: ["systeminformation"],
    node: true,
  },
  {
    files: /^web\/islands\//,
    values: [/^web\/islands\//],
    types: [shared],
    packages: [],
    node: false,
  },
  {
    files: /^web\//,
    values: [/^web\//, shared],
    packages: ["hono", "nanoid", "qrcode", "zod"],
    dynamicPackages: ["esbuild"],
    node: true,
  },
];

/** What is wrong with this import, as half a sentence; null: nothing. */
export function importProblem(path: string, found: ImportFound): string | null {
  const room = rooms.find((candidate) => candidate.files.test(path));
  if (room === undefined) return "this file lies in no room of the table (test/tidy/import-table.ts)";
  if (found.target !== null) return fileProblem(room, found.target, found.typeOnly);
  if (found.packageName === null)
    return room.node || found.typeOnly ? null : "Node's own modules are not for this room";
  const allowed = [
    ...room.packages,
    ...(found.typeOnly ? (room.typePackages ?? []) : []),
    ...(found.dynamic || found.typeOnly ? (room.dynamicPackages ?? []) : []),
  ];
  if (allowed.includes("*") || allowed.includes(found.packageName)) return null;
  return room.dynamicPackages?.includes(found.packageName) === true
    ? "this package is for import() only, here"
    : "this package is not for this room";
}

function fileProblem(room: Room, target: string, typeOnly: boolean): string | null {
  if (room.values.some((pattern) => pattern.test(target))) return null;
  const typesAllowed = room.types?.some((pattern) => pattern.test(target)) === true;
  if (typesAllowed) return typeOnly ? null : "only its types are for this room: import type";
  return "that file is not for this room";
}
