/**
 * Settings as operators write them: environment, command line, file, secrets in files; all mistakes at once.
 * Must not: read the environment of the process that runs the tests.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readConfig } from "../../collector/config.ts";
import type { Config } from "../../collector/config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const token = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456";
const folder = mkdtempSync(join(tmpdir(), "detak-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function config(environment: Environment = {}, commandLine: readonly string[] = []): Config {
  const result = readConfig(environment, commandLine);
  if (!result.ok) throw new Error(result.mistakes.join("\n"));
  return result.config;
}

function mistakes(environment: Environment = {}, commandLine: readonly string[] = []): readonly string[] {
  const result = readConfig(environment, commandLine);
  if (result.ok) throw new Error("no mistake was found");
  return result.mistakes;
}

describe("what holds when nothing is set", () => {
  test("every setting has the default that operators are told", () => {
    expect(config()).toEqual({
      host: "0.0.0.0",
      port: 7373,
      publicUrl: null,
      dataDirectory: "./data",
      heartbeatIntervalMs: 15_000,
      downAfterMs: 180_000,
      telegramToken: null,
      telegramApiRoot: "https://api.telegram.org",
      admin: null,
      apiToken: null,
      sentinels: "usual",
      language: "id",
      timeZone: "Asia/Jakarta",
      trustProxy: false,
      tls: null,
      deadmanUrl: null,
      logLevel: "info",
      ownAgentTokenFile: null,
    } satisfies Config);
  });

  test("an empty or blank value is the same as none", () => {
    expect(config({ DETAK_PORT: "", DETAK_HOST: "  ", DETAK_TELEGRAM_TOKEN: "" })).toEqual(config());
  });

  test("other programs' variables are none of our business", () => {
    expect(config({ PORT: "1", HOME: "/root", DETAK_COLLECTOR_URL: "ws://x" })).toEqual(config());
  });
});

describe("values", () => {
  test("each setting is read", () => {
    const cert = fileOf("cert.pem", "CERT");
    const key = fileOf("key.pem", "KEY");
    expect(
      config({
        DETAK_HOST: "127.0.0.1",
        DETAK_PORT: "8080",
        DETAK_PUBLIC_URL: "https://detak.example/panel/",
        DETAK_DATA_DIR: "/srv/detak",
        DETAK_HEARTBEAT_SECONDS: "1",
        DETAK_DOWN_AFTER_SECONDS: "12",
        DETAK_TELEGRAM_TOKEN: token,
        DETAK_TELEGRAM_API_ROOT: "http://127.0.0.1:9000/",
        DETAK_ADMIN_USERNAME: "rina",
        DETAK_ADMIN_PASSWORD: "secret word",
        DETAK_API_TOKEN: "0123456789abcdef",
        DETAK_SENTINELS: "1.1.1.1:53, gateway.lan:80,[2001:db8::1]:443",
        DETAK_LANGUAGE: "en",
        DETAK_TIMEZONE: "Asia/Jayapura",
        DETAK_TRUST_PROXY: "on",
        DETAK_TLS_CERT: cert,
        DETAK_TLS_KEY: key,
        DETAK_DEADMAN_URL: "https://dead.example/ping",
        DETAK_LOG_LEVEL: "debug",
        DETAK_OWN_AGENT_TOKEN_FILE: "/run/token",
      }),
    ).toEqual({
      host: "127.0.0.1",
      port: 8080,
      publicUrl: "https://detak.example/panel",
      dataDirectory: "/srv/detak",
      heartbeatIntervalMs: 1_000,
      downAfterMs: 12_000,
      telegramToken: token,
      telegramApiRoot: "http://127.0.0.1:9000",
      admin: { username: "rina", password: "secret word" },
      apiToken: "0123456789abcdef",
      sentinels: [
        { host: "1.1.1.1", port: 53 },
        { host: "gateway.lan", port: 80 },
        { host: "2001:db8::1", port: 443 },
      ],
      language: "en",
      timeZone: "Asia/Jayapura",
      trustProxy: true,
      tls: { cert: "CERT", key: "KEY" },
      deadmanUrl: "https://dead.example/ping",
      logLevel: "debug",
      ownAgentTokenFile: "/run/token",
    } satisfies Config);
  });

  test("fractions of a second are kept in whole milliseconds", () => {
    expect(config({ DETAK_HEARTBEAT_SECONDS: "0.25", DETAK_DOWN_AFTER_SECONDS: "2.5" })).toMatchObject({
      heartbeatIntervalMs: 250,
      downAfterMs: 2_500,
    });
  });

  test("sentinels can be switched off", () => {
    expect(config({ DETAK_SENTINELS: "none" }).sentinels).toBe("none");
  });

  test.each(["on", "true", "1", "yes", "ON"])("%s is on", (word) => {
    expect(config({ DETAK_TRUST_PROXY: word }).trustProxy).toBe(true);
  });

  test.each(["off", "false", "0", "no"])("%s is off", (word) => {
    expect(config({ DETAK_TRUST_PROXY: word }).trustProxy).toBe(false);
  });
});

describe("mistakes", () => {
  test("all are told at once, one line each, and each begins with its setting's name", () => {
    const found = mistakes({
      DETAK_HOST: "not a host",
      DETAK_PORT: "70000",
      DETAK_PUBLIC_URL: "detak.example",
      DETAK_DATABASE_URL: "postgres://x",
      DETAK_HEARTBEAT_SECONDS: "soon",
      DETAK_DOWN_AFTER_SECONDS: "-3",
      DETAK_TELEGRAM_TOKEN: "nonsense",
      DETAK_TELEGRAM_API_ROOT: "ftp://x",
      DETAK_ADMIN_USERNAME: "rina",
      DETAK_API_TOKEN: "short",
      DETAK_SENTINELS: "1.1.1.1",
      DETAK_LANGUAGE: "fr",
      DETAK_TIMEZONE: "Makassar",
      DETAK_TRUST_PROXY: "perhaps",
      DETAK_TLS_CERT: "/nowhere/cert.pem",
      DETAK_DEADMAN_URL: "x",
      DETAK_LOG_LEVEL: "loud",
    });
    for (const name of [
      "DETAK_HOST",
      "DETAK_PORT",
      "DETAK_PUBLIC_URL",
      "DETAK_DATABASE_URL",
      "DETAK_HEARTBEAT_SECONDS",
      "DETAK_DOWN_AFTER_SECONDS",
      "DETAK_TELEGRAM_TOKEN",
      "DETAK_TELEGRAM_API_ROOT",
      "DETAK_ADMIN_PASSWORD",
      "DETAK_API_TOKEN",
      "DETAK_SENTINELS",
      "DETAK_LANGUAGE",
      "DETAK_TIMEZONE",
      "DETAK_TRUST_PROXY",
      "DETAK_TLS_CERT",
      "DETAK_TLS_KEY",
      "DETAK_DEADMAN_URL",
      "DETAK_LOG_LEVEL",
    ])
      expect(found.filter((line) => line.startsWith(`${name}: `))).toHaveLength(1);
    expect(found).toHaveLength(18);
    for (const line of found) expect(line).not.toContain("\n");
  });

  test.each([
    ["DETAK_PORT", "80.5"],
    ["DETAK_PORT", "-1"],
    ["DETAK_PORT", "0x50"],
    ["DETAK_PORT", "1e3"],
    ["DETAK_HEARTBEAT_SECONDS", "0.1"],
    ["DETAK_HEARTBEAT_SECONDS", "601"],
    ["DETAK_HEARTBEAT_SECONDS", "NaN"],
    ["DETAK_HEARTBEAT_SECONDS", "Infinity"],
    ["DETAK_DOWN_AFTER_SECONDS", "86401"],
    ["DETAK_SENTINELS", "1.1.1.1:70000"],
    ["DETAK_SENTINELS", "1.1.1.1:53,,8.8.8.8:53"],
    ["DETAK_SENTINELS", ":53"],
    ["DETAK_PUBLIC_URL", "javascript:alert(1)"],
    ["DETAK_ADMIN_PASSWORD", "alone"],
  ])("%s=%s is one", (name, value) => {
    const found = mistakes({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^DETAK_[A-Z_]+: /);
  });

  test("T must leave room for six heartbeats", () => {
    expect(mistakes({ DETAK_HEARTBEAT_SECONDS: "60" })).toEqual([
      expect.stringMatching(/^DETAK_DOWN_AFTER_SECONDS: /),
    ]);
    expect(config({ DETAK_HEARTBEAT_SECONDS: "30" }).downAfterMs).toBe(180_000);
  });

  test("secrets are never printed, however wrong they are", () => {
    const secrets = {
      DETAK_TELEGRAM_TOKEN: "987654:too-secret!",
      DETAK_API_TOKEN: "tooShort",
      DETAK_ADMIN_PASSWORD: "hunter2",
      DETAK_DATABASE_URL: "postgres://detak:dbsecret@host/db",
    };
    const text = mistakes(secrets).join("\n");
    for (const secret of ["987654", "too-secret", "tooShort", "hunter2", "dbsecret"])
      expect(text).not.toContain(secret);
  });

  test("a bot token pasted into the API root, the public address or the dead-man's address is not printed", () => {
    for (const name of ["DETAK_TELEGRAM_API_ROOT", "DETAK_PUBLIC_URL", "DETAK_DEADMAN_URL"]) {
      const found = mistakes({ [name]: `api.telegram.org/bot${token}` });
      expect(found).toHaveLength(1);
      expect(found.join("\n")).not.toContain(token);
    }
  });

  test("a setting that does not exist is a mistake on the command line and in the file", () => {
    expect(mistakes({}, ["--prot=80"])).toEqual([expect.stringMatching(/^--prot: /)]);
    expect(mistakes({}, ["--prot", "80"])).toContainEqual(expect.stringMatching(/^--prot: /));
    const path = fileOf("typo.env", "DETAK_PROT=80\n");
    expect(mistakes({ DETAK_CONFIG: path })).toEqual([expect.stringMatching(/^DETAK_PROT: /)]);
  });

  test("a _FILE of a setting that is no secret is not quietly ignored", () => {
    const path = fileOf("port-file.env", `DETAK_PORT_FILE=${fileOf("port", "8080")}\n`);
    expect(mistakes({ DETAK_CONFIG: path })).toEqual([expect.stringMatching(/^DETAK_PORT_FILE: /)]);
  });

  test("a word without a name, and a name without a value, are mistakes", () => {
    expect(mistakes({}, ["start"])).toEqual([expect.stringMatching(/^start: /)]);
    expect(mistakes({}, ["--port"])).toEqual([expect.stringMatching(/^--port: /)]);
    expect(mistakes({}, ["--port", "--host", "127.0.0.1"])).toContainEqual(
      expect.stringMatching(/^(--port|DETAK_PORT): /),
    );
  });

  test("TLS needs both files, and each that can't be read is told by name", () => {
    expect(mistakes({ DETAK_TLS_KEY: "/nowhere/key.pem" })).toEqual([
      expect.stringMatching(/^DETAK_TLS_CERT: /),
      expect.stringMatching(/^DETAK_TLS_KEY: .*ENOENT/),
    ]);
  });
});

describe("secrets in files", () => {
  test("_FILE is read and its line end is dropped", () => {
    const path = fileOf("token", `${token}\n`);
    expect(config({ DETAK_TELEGRAM_TOKEN_FILE: path }).telegramToken).toBe(token);
  });

  test.each(["DETAK_TELEGRAM_TOKEN", "DETAK_API_TOKEN", "DETAK_ADMIN_PASSWORD", "DETAK_DATABASE_URL"])(
    "%s_FILE that can't be read is a mistake with that name",
    (name) => {
      const found = mistakes({ [`${name}_FILE`]: "/nowhere/secret" });
      expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${name}_FILE: .*ENOENT`)));
    },
  );

  test("a secret set directly and as a file is a mistake", () => {
    const path = fileOf("token-too", token);
    expect(mistakes({ DETAK_TELEGRAM_TOKEN: token, DETAK_TELEGRAM_TOKEN_FILE: path })).toEqual([
      expect.stringMatching(/^DETAK_TELEGRAM_TOKEN: /),
    ]);
  });
});

describe("where settings come from", () => {
  test("--name value and --name=value are DETAK_NAME", () => {
    expect(config({}, ["--port", "1234", "--data-dir=/x", "--down-after-seconds", "300"])).toMatchObject({
      port: 1234,
      dataDirectory: "/x",
      downAfterMs: 300_000,
    });
  });

  test("the environment goes over the file, the command line over both", () => {
    const path = fileOf("all.env", "# ours\nDETAK_PORT=1\nDETAK_HOST=127.0.0.1\nDETAK_LANGUAGE=en\n");
    const environment = { DETAK_CONFIG: path, DETAK_PORT: "2", DETAK_HOST: "127.0.0.2" };
    expect(config(environment, ["--port", "3"])).toMatchObject({
      port: 3,
      host: "127.0.0.2",
      language: "en",
    });
  });

  test("the file can be named on the command line, over the environment's", () => {
    const first = fileOf("first.env", "DETAK_PORT=11\n");
    const second = fileOf("second.env", "DETAK_PORT=22\n");
    expect(config({ DETAK_CONFIG: first }, ["--config", second]).port).toBe(22);
  });

  test("a secret's file from the environment goes over the secret in the settings file", () => {
    const settings = fileOf("with-token.env", "DETAK_API_TOKEN=from-the-settings-file\n");
    const secret = fileOf("api-token", "from-the-secret-file\n");
    expect(config({ DETAK_CONFIG: settings, DETAK_API_TOKEN_FILE: secret }).apiToken).toBe(
      "from-the-secret-file",
    );
    expect(config({ DETAK_CONFIG: settings }, ["--api-token-file", secret]).apiToken).toBe(
      "from-the-secret-file",
    );
  });

  test("a settings file that can't be read is a mistake with its name", () => {
    expect(mistakes({ DETAK_CONFIG: "/nowhere/detak.env" })).toEqual([
      expect.stringMatching(/^DETAK_CONFIG: .*\/nowhere\/detak\.env.*ENOENT/),
    ]);
  });

  test("the reader of files is the one that is handed in", () => {
    const asked: string[] = [];
    const result = readConfig({ DETAK_API_TOKEN_FILE: "/run/secret" }, [], (path) => {
      asked.push(path);
      return "0123456789abcdef";
    });
    expect(asked).toEqual(["/run/secret"]);
    expect(result).toMatchObject({ ok: true, config: { apiToken: "0123456789abcdef" } });
  });
});
