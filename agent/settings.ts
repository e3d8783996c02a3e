/**
 * What the command line and the environment say, checked: a command to perform, or every mistake at once.
 * Why by hand: five commands with four options; a parser library would be a third of the agent's own code.
 * Must not: read anything but its arguments.
 */
import { parseJoinToken, type JoinToken } from "./keys.ts";
import { isLogLevel, type LogLevel } from "./log.ts";
import { publicAddressesMax, readPublicAddresses, type PublicAddress } from "./public-addresses.ts";
import type { Sentence } from "./words.ts";

export interface CommonSettings {
  readonly logLevel: LogLevel;
  /** A file of PEM certificates to trust besides none of the system's. */
  readonly caFile: string | null;
}

interface ServiceCommand {
  /** Where the collector is now, when that was said: goes before the address of the enrollment. Its key stays pinned. */
  readonly collectorUrl: string | null;
  /** Both or neither: what to enroll with when there is no identity yet. */
  readonly enrollment: { readonly collectorUrl: string; readonly token: JoinToken } | null;
  /** Whose answer stands for the internet in the journal; empty: nobody is asked; null: the usual ones. */
  readonly publicAddresses: readonly PublicAddress[] | null;
  readonly common: CommonSettings;
}

export type Command =
  | {
      readonly name: "enroll";
      readonly collectorUrl: string;
      readonly token: JoinToken;
      readonly replace: boolean;
      readonly common: CommonSettings;
    }
  | ({ readonly name: "run" } & ServiceCommand)
  | ({ readonly name: "install" } & ServiceCommand)
  | { readonly name: "status" | "uninstall" | "version" | "usage" };

export type ReadCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly mistakes: readonly Sentence[] };

type Environment = Readonly<Record<string, string | undefined>>;

const commandNames = ["enroll", "run", "status", "install", "uninstall"] as const;
type CommandName = (typeof commandNames)[number];

/** Options that take a value, and the environment variable that stands for each. A flag is `null`. */
const options = {
  "--collector": "DETAK_COLLECTOR_URL",
  "--token": "DETAK_ENROLL_TOKEN",
  "--replace": null,
} as const;
type OptionName = keyof typeof options;

const allowed: Readonly<Record<CommandName, readonly OptionName[]>> = {
  enroll: ["--collector", "--token", "--replace"],
  run: ["--collector", "--token"],
  install: ["--collector", "--token"],
  status: [],
  uninstall: [],
};

/** `words`: the arguments after the program's name. */
export function readCommand(words: readonly string[], environment: Environment): ReadCommand {
  const [first, ...rest] = words;
  if (first === "--version" || first === "-v") return { ok: true, command: { name: "version" } };
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    return { ok: true, command: { name: "usage" } };
  }
  const name = commandNames.find((known) => known === first);
  if (name === undefined) {
    return {
      ok: false,
      mistakes: [{ id: `Perintah tidak dikenal: ${first}`, en: `Unknown command: ${first}` }],
    };
  }
  const mistakes: Sentence[] = [];
  const given = readOptions(rest, allowed[name], mistakes);
  const command = commandOf(name, given, environment, mistakes);
  return mistakes.length === 0 && command !== null ? { ok: true, command } : { ok: false, mistakes };
}

function readOptions(
  words: readonly string[],
  permitted: readonly OptionName[],
  mistakes: Sentence[],
): ReadonlyMap<OptionName, string> {
  const given = new Map<OptionName, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const [key, attached] = splitOnce(word, "=");
    const name = permitted.find((option) => option === key);
    if (name === undefined) {
      mistakes.push({ id: `Argumen tidak dikenal: ${word}`, en: `Unknown argument: ${word}` });
      continue;
    }
    if (options[name] === null) {
      given.set(name, "yes");
      continue;
    }
    const value = attached ?? words[(index += 1)];
    if (value === undefined || value === "") {
      mistakes.push({ id: `${name} memerlukan nilai.`, en: `${name} needs a value.` });
    } else given.set(name, value);
  }
  return given;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function commandOf(
  name: CommandName,
  given: ReadonlyMap<OptionName, string>,
  environment: Environment,
  mistakes: Sentence[],
): Command | null {
  if (name === "status" || name === "uninstall") return { name };
  const common = readCommon(environment, mistakes);
  const urlText = given.get("--collector") ?? nonEmpty(environment[options["--collector"]]);
  const tokenText = given.get("--token") ?? nonEmpty(environment[options["--token"]]);
  const collectorUrl = urlText === undefined ? null : checkedUrl(urlText, mistakes);
  const token = tokenText === undefined ? null : checkedToken(tokenText, mistakes);
  if (name === "enroll") {
    if (urlText === undefined) mistakes.push(missing("--collector", "DETAK_COLLECTOR_URL"));
    if (tokenText === undefined) mistakes.push(missing("--token", "DETAK_ENROLL_TOKEN"));
    if (collectorUrl === null || token === null) return null;
    return { name, collectorUrl, token, replace: given.has("--replace"), common };
  }
  const publicAddresses = checkedPublicAddresses(environment, mistakes);
  // An address alone is the collector's new one; a token alone leads nowhere.
  if (tokenText !== undefined && urlText === undefined) {
    mistakes.push(missing("--collector", "DETAK_COLLECTOR_URL"));
  }
  return {
    name,
    collectorUrl,
    enrollment: collectorUrl === null || token === null ? null : { collectorUrl, token },
    publicAddresses,
    common,
  };
}

function readCommon(environment: Environment, mistakes: Sentence[]): CommonSettings {
  const level = nonEmpty(environment["DETAK_LOG_LEVEL"]) ?? "info";
  if (!isLogLevel(level)) {
    mistakes.push({
      id: `DETAK_LOG_LEVEL harus debug, info, warn, atau error, bukan "${level}".`,
      en: `DETAK_LOG_LEVEL must be debug, info, warn or error, not "${level}".`,
    });
  }
  return {
    logLevel: isLogLevel(level) ? level : "info",
    caFile: nonEmpty(environment["DETAK_CA_FILE"]) ?? null,
  };
}

function checkedPublicAddresses(
  environment: Environment,
  mistakes: Sentence[],
): readonly PublicAddress[] | null {
  const text = nonEmpty(environment["DETAK_INTERNET_TARGETS"]);
  if (text === undefined) return null;
  const addresses = readPublicAddresses(text);
  if (addresses === null) {
    mistakes.push({
      id: `DETAK_INTERNET_TARGETS harus none, atau sampai ${publicAddressesMax} alamat IP dengan port seperti 1.1.1.1:443,8.8.8.8:443, bukan "${text}".`,
      en: `DETAK_INTERNET_TARGETS must be none, or up to ${publicAddressesMax} IP addresses with ports like 1.1.1.1:443,8.8.8.8:443, not "${text}".`,
    });
  }
  return addresses;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

function missing(option: string, variable: string): Sentence {
  return {
    id: `${option} belum diberikan (atau ${variable}).`,
    en: `${option} is missing (or ${variable}).`,
  };
}

function checkedToken(text: string, mistakes: Sentence[]): JoinToken | null {
  const token = parseJoinToken(text);
  if (token === null) {
    mistakes.push({
      id: "--token bukan token pendaftaran; salin seluruhnya dari panel.",
      en: "--token is not a join token; copy all of it from the panel.",
    });
  }
  return token;
}

function checkedUrl(text: string, mistakes: Sentence[]): string | null {
  const url = collectorSocketUrl(text);
  if (url === null) {
    mistakes.push({
      id: `--collector harus alamat seperti https://detak.example.com, tanpa nama pengguna atau sandi, bukan "${text}".`,
      en: `--collector must be an address like https://detak.example.com, without a user name or password, not "${text}".`,
    });
  }
  return url;
}

/**
 * The socket's address for any address of the collector: http(s) or ws(s), with or without a path, becomes
 * `ws(s)://host/agent`. Null when it is no such address.
 */
export function collectorSocketUrl(text: string): string | null {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return null;
  }
  if (url.hostname === "" || url.username !== "" || url.password !== "") return null;
  switch (url.protocol) {
    case "http:":
    case "ws:":
      return `ws://${url.host}/agent`;
    case "https:":
    case "wss:":
      return `wss://${url.host}/agent`;
    default:
      return null;
  }
}
