/**
 * Settings: environment, command line or a file → Config. Every mistake is reported at once, one line each.
 * Why here: each setting has its unit, default and reason in one list; nothing else reads the environment.
 * Must not: touch the world beyond the files it is told to read, or print.
 */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { parseArgs, parseEnv } from "node:util";
import type { Language } from "./core/types/registry.ts";

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash; null: the address people use is not known. */
  readonly publicUrl: string | null;
  readonly dataDirectory: string;
  readonly heartbeatIntervalMs: number;
  readonly downAfterMs: number;
  readonly telegramToken: string | null;
  readonly telegramApiRoot: string;
  readonly admin: { readonly username: string; readonly password: string } | null;
  readonly apiToken: string | null;
  readonly sentinels: "usual" | "none" | readonly { readonly host: string; readonly port: number }[];
  readonly language: Language;
  readonly timeZone: string;
  readonly trustProxy: boolean;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly deadmanUrl: string | null;
  readonly logLevel: LogLevel;
  /** Where the start script of the repository finds a join token for this machine's own agent. */
  readonly ownAgentTokenFile: string | null;
}

const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof logLevels)[number];

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  /** One line each: the setting's name and what is wrong with it. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** The names as operators write them. `secret`: also as `…_FILE`. */
const settings = {
  DETAK_HOST: { secret: false },
  DETAK_PORT: { secret: false },
  DETAK_PUBLIC_URL: { secret: false },
  DETAK_DATA_DIR: { secret: false },
  DETAK_DATABASE_URL: { secret: true },
  DETAK_HEARTBEAT_SECONDS: { secret: false },
  DETAK_DOWN_AFTER_SECONDS: { secret: false },
  DETAK_TELEGRAM_TOKEN: { secret: true },
  DETAK_TELEGRAM_API_ROOT: { secret: false },
  DETAK_ADMIN_USERNAME: { secret: false },
  DETAK_ADMIN_PASSWORD: { secret: true },
  DETAK_API_TOKEN: { secret: true },
  DETAK_SENTINELS: { secret: false },
  DETAK_LANGUAGE: { secret: false },
  DETAK_TIMEZONE: { secret: false },
  DETAK_TRUST_PROXY: { secret: false },
  DETAK_TLS_CERT: { secret: false },
  DETAK_TLS_KEY: { secret: false },
  DETAK_DEADMAN_URL: { secret: false },
  DETAK_LOG_LEVEL: { secret: false },
  DETAK_OWN_AGENT_TOKEN_FILE: { secret: false },
} as const;
type SettingName = keyof typeof settings;
const settingNames = Object.keys(settings) as SettingName[];

/** Shorter heartbeats would load small servers for nothing; scaled tests use 0.2 s. */
const HEARTBEAT_SECONDS_MIN = 0.2;
const HEARTBEAT_SECONDS_MAX = 600;
/** T below 6 η leaves no room for suspicion, three rounds of probes and a redial. */
const DOWN_AFTER_INTERVALS_MIN = 6;
const DOWN_AFTER_SECONDS_MAX = 86_400;
/** Short ones can be guessed over the network in a lifetime. */
const API_TOKEN_LENGTH_MIN = 16;

/** Reads all settings. `readFile` answers a file's text or throws. Later sources win: file, environment, command line. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  commandLine: readonly string[],
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
): ConfigResult {
  const mistakes: string[] = [];
  const values = gather(environment, commandLine, readFile, mistakes);
  const text = (name: SettingName, standard: string): string => values.get(name) ?? standard;
  const wrong = (name: SettingName, problem: string): void => void mistakes.push(`${name}: ${problem}`);

  const number = (name: SettingName, standard: number, min: number, max: number, unit: string): number => {
    const value = values.get(name);
    if (value === undefined) return standard;
    const parsed = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    if (parsed >= min && parsed <= max) return parsed;
    wrong(name, `"${value}" is not ${unit} from ${String(min)} to ${String(max)}`);
    return standard;
  };
  const url = (name: SettingName, protocols: readonly string[]): string | null => {
    const value = values.get(name);
    if (value === undefined) return null;
    const parsed = URL.canParse(value) ? new URL(value) : null;
    if (parsed && protocols.includes(parsed.protocol)) return value.replace(/\/+$/, "");
    // The value is not printed: people paste tokens and secret paths into the wrong line.
    wrong(name, `this is not an address that begins with ${protocols.map((p) => `${p}//`).join(" or ")}`);
    return null;
  };

  const port = number("DETAK_PORT", 7373, 0, 65_535, "a port");
  if (!Number.isInteger(port)) wrong("DETAK_PORT", `"${String(port)}" is not a whole number`);
  const heartbeatSeconds = number(
    "DETAK_HEARTBEAT_SECONDS",
    15,
    HEARTBEAT_SECONDS_MIN,
    HEARTBEAT_SECONDS_MAX,
    "a number of seconds",
  );
  const downAfterSeconds = number(
    "DETAK_DOWN_AFTER_SECONDS",
    180,
    1,
    DOWN_AFTER_SECONDS_MAX,
    "a number of seconds",
  );
  if (downAfterSeconds < DOWN_AFTER_INTERVALS_MIN * heartbeatSeconds)
    wrong(
      "DETAK_DOWN_AFTER_SECONDS",
      `${String(downAfterSeconds)} is less than ${String(DOWN_AFTER_INTERVALS_MIN)} heartbeats of ${String(heartbeatSeconds)} s`,
    );
  if (values.has("DETAK_DATABASE_URL"))
    wrong("DETAK_DATABASE_URL", "this version keeps its data in DETAK_DATA_DIR only; leave it unset");

  const token = values.get("DETAK_TELEGRAM_TOKEN") ?? null;
  // The token itself is never printed.
  if (token !== null && !/^\d+:[A-Za-z0-9_-]{20,}$/.test(token))
    wrong(
      "DETAK_TELEGRAM_TOKEN",
      "this is not a bot token (digits, a colon, then at least 20 letters and digits)",
    );
  const apiToken = values.get("DETAK_API_TOKEN") ?? null;
  if (apiToken !== null && apiToken.length < API_TOKEN_LENGTH_MIN)
    wrong("DETAK_API_TOKEN", `must have at least ${String(API_TOKEN_LENGTH_MIN)} characters`);

  const username = values.get("DETAK_ADMIN_USERNAME");
  const password = values.get("DETAK_ADMIN_PASSWORD");
  if ((username === undefined) !== (password === undefined))
    wrong(
      username === undefined ? "DETAK_ADMIN_USERNAME" : "DETAK_ADMIN_PASSWORD",
      "the first admin needs both a user name and a password",
    );

  const language = text("DETAK_LANGUAGE", "id");
  if (language !== "id" && language !== "en") wrong("DETAK_LANGUAGE", `"${language}" is neither id nor en`);
  const timeZone = text("DETAK_TIMEZONE", "Asia/Jakarta");
  if (!isTimeZone(timeZone))
    wrong("DETAK_TIMEZONE", `"${timeZone}" is not a time zone name like Asia/Jakarta`);
  const logLevel = text("DETAK_LOG_LEVEL", "info");
  if (!logLevels.some((level) => level === logLevel))
    wrong("DETAK_LOG_LEVEL", `"${logLevel}" is none of ${logLevels.join(", ")}`);
  const host = text("DETAK_HOST", "0.0.0.0");
  if (isIP(host) === 0 && !/^[A-Za-z0-9.-]+$/.test(host))
    wrong("DETAK_HOST", `"${host}" is neither an IP address nor a host name`);

  const config: Config = {
    host,
    port,
    publicUrl: url("DETAK_PUBLIC_URL", ["http:", "https:"]),
    dataDirectory: text("DETAK_DATA_DIR", "./data"),
    heartbeatIntervalMs: Math.round(heartbeatSeconds * 1000),
    downAfterMs: Math.round(downAfterSeconds * 1000),
    telegramToken: token,
    telegramApiRoot: url("DETAK_TELEGRAM_API_ROOT", ["http:", "https:"]) ?? "https://api.telegram.org",
    admin: username !== undefined && password !== undefined ? { username, password } : null,
    apiToken,
    sentinels: sentinels(values.get("DETAK_SENTINELS"), (problem) => wrong("DETAK_SENTINELS", problem)),
    language: language === "en" ? "en" : "id",
    timeZone,
    trustProxy: flag(values.get("DETAK_TRUST_PROXY"), (problem) => wrong("DETAK_TRUST_PROXY", problem)),
    tls: tls(values.get("DETAK_TLS_CERT"), values.get("DETAK_TLS_KEY"), readFile, wrong),
    deadmanUrl: url("DETAK_DEADMAN_URL", ["http:", "https:"]),
    logLevel: logLevel as LogLevel,
    ownAgentTokenFile: values.get("DETAK_OWN_AGENT_TOKEN_FILE") ?? null,
  };
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, config };
}

function gather(
  environment: Readonly<Record<string, string | undefined>>,
  commandLine: readonly string[],
  readFile: (path: string) => string,
  mistakes: string[],
): Map<SettingName, string> {
  const values = new Map<SettingName, string>();
  const arguments_ = fromCommandLine(commandLine, mistakes);
  const file = arguments_.get("DETAK_CONFIG") ?? environment["DETAK_CONFIG"];
  if (file) take(fromFile(file, readFile, mistakes));
  take(new Map(Object.entries(environment)));
  take(arguments_);
  return values;

  function take(source: ReadonlyMap<string, string | undefined>): void {
    for (const name of settingNames) {
      const value = source.get(name)?.trim();
      if (value) values.set(name, value);
      const path = settings[name].secret ? source.get(`${name}_FILE`)?.trim() : undefined;
      if (!path) continue;
      if (value) mistakes.push(`${name}: set directly and as ${name}_FILE; use one`);
      try {
        values.set(name, readFile(path).trim());
      } catch (error) {
        mistakes.push(`${name}_FILE: cannot read ${path} (${reasonOf(error)})`);
      }
    }
  }
}

/** `--data-dir X` is DETAK_DATA_DIR. */
function fromCommandLine(commandLine: readonly string[], mistakes: string[]): Map<string, string> {
  const names = [
    "DETAK_CONFIG",
    ...settingNames.flatMap((name) => (settings[name].secret ? [name, `${name}_FILE`] : [name])),
  ];
  const optionOf = (name: string): string => name.slice("DETAK_".length).toLowerCase().replaceAll("_", "-");
  const { tokens } = parseArgs({
    args: [...commandLine],
    options: Object.fromEntries(names.map((name) => [optionOf(name), { type: "string" as const }])),
    strict: false,
    tokens: true,
  });
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      mistakes.push(`${token.value}: not a setting; settings are written --name value`);
      continue;
    }
    const name = names.find((candidate) => optionOf(candidate) === token.name);
    if (!name) mistakes.push(`${token.rawName}: no such setting`);
    else if (token.value === undefined) mistakes.push(`${token.rawName}: needs a value`);
    else values.set(name, token.value);
  }
  return values;
}

/** Lines `NAME=value`. */
function fromFile(
  path: string,
  readFile: (path: string) => string,
  mistakes: string[],
): Map<string, string | undefined> {
  try {
    const entries = new Map(Object.entries(parseEnv(readFile(path))));
    for (const name of entries.keys())
      if (name.startsWith("DETAK_") && !isKnown(name)) mistakes.push(`${name}: no such setting (in ${path})`);
    return entries;
  } catch (error) {
    mistakes.push(`DETAK_CONFIG: cannot read ${path} (${reasonOf(error)})`);
    return new Map();
  }
}

function isKnown(name: string): boolean {
  return settingNames.some((known) => name === known || (settings[known].secret && name === `${known}_FILE`));
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function flag(value: string | undefined, wrong: (problem: string) => void): boolean {
  if (value === undefined) return false;
  if (["on", "true", "1", "yes"].includes(value.toLowerCase())) return true;
  if (!["off", "false", "0", "no"].includes(value.toLowerCase())) wrong(`"${value}" is neither on nor off`);
  return false;
}

function sentinels(value: string | undefined, wrong: (problem: string) => void): Config["sentinels"] {
  if (value === undefined) return "usual";
  if (value === "none") return "none";
  return value.split(",").map((part) => {
    const match = /^\[?([^\]\s]+?)\]?:(\d{1,5})$/.exec(part.trim());
    if (!match || Number(match[2]) > 65_535) wrong(`"${part.trim()}" is not host:port`);
    return { host: match?.[1] ?? "", port: Number(match?.[2] ?? 0) };
  });
}

function tls(
  certPath: string | undefined,
  keyPath: string | undefined,
  readFile: (path: string) => string,
  wrong: (name: SettingName, problem: string) => void,
): Config["tls"] {
  if (certPath === undefined && keyPath === undefined) return null;
  const read = (name: SettingName, path: string | undefined): string => {
    if (path === undefined) {
      wrong(name, "TLS needs both DETAK_TLS_CERT and DETAK_TLS_KEY");
      return "";
    }
    try {
      return readFile(path);
    } catch (error) {
      wrong(name, `cannot read ${path} (${reasonOf(error)})`);
      return "";
    }
  };
  return { cert: read("DETAK_TLS_CERT", certPath), key: read("DETAK_TLS_KEY", keyPath) };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
