/**
 * The command line, the sentences, and why the agent is being stopped.
 */
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { createLog } from "../../agent/log.ts";
import type { Problem, ProblemCode } from "../../agent/session-types.ts";
import { collectorSocketUrl, readCommand } from "../../agent/settings.ts";
import { reasonFrom } from "../../agent/stop-reason.ts";
import { agentVersion } from "../../agent/version.ts";
import { languageOf, problemSentence } from "../../agent/words.ts";
import { closeCodes } from "../../shared/close-codes.ts";

const token = "token_1.secret";

describe("the collector's address", () => {
  test.each([
    ["http://detak.example", "ws://detak.example/agent"],
    ["https://detak.example/", "wss://detak.example/agent"],
    ["https://detak.example:8443/servers/1?x=1#y", "wss://detak.example:8443/agent"],
    ["ws://10.0.0.1:7373/agent", "ws://10.0.0.1:7373/agent"],
    ["wss://[fd00::1]:7373", "wss://[fd00::1]:7373/agent"],
    [" HTTP://Detak.Example:7373 ", "ws://detak.example:7373/agent"],
  ])("%s is dialled as %s", (given, dialled) => {
    expect(collectorSocketUrl(given)).toBe(dialled);
  });

  test.each([
    "",
    "detak.example:7373",
    "detak.example",
    "ftp://x",
    "http://",
    "https://user:secret@x",
    "file:///x",
  ])("%j is none", (given) => {
    expect(collectorSocketUrl(given)).toBeNull();
  });
});

describe("commands", () => {
  test("enroll takes its settings from options or from the environment, options first", () => {
    const environment = { DETAK_COLLECTOR_URL: "http://environment", DETAK_ENROLL_TOKEN: token };
    expect(readCommand(["enroll"], environment)).toMatchObject({
      ok: true,
      command: { name: "enroll", collectorUrl: "ws://environment/agent", replace: false },
    });
    expect(readCommand(["enroll", "--collector=http://option", "--replace"], environment)).toMatchObject({
      ok: true,
      command: { collectorUrl: "ws://option/agent", token: { tokenId: "token_1" }, replace: true },
    });
  });

  test("run needs nothing; an address alone is where the collector is now, a token alone is a mistake", () => {
    expect(readCommand(["run"], {})).toMatchObject({ ok: true, command: { name: "run", enrollment: null } });
    expect(readCommand(["run"], { DETAK_COLLECTOR_URL: "http://x" })).toMatchObject({
      ok: true,
      command: { collectorUrl: "ws://x/agent", enrollment: null },
    });
    expect(readCommand(["run"], { DETAK_ENROLL_TOKEN: token })).toMatchObject({ ok: false });
    expect(readCommand(["install", "--collector", "http://x", "--token", token], {})).toMatchObject({
      ok: true,
      command: { name: "install", enrollment: { collectorUrl: "ws://x/agent" } },
    });
  });

  test("all mistakes are told at once, in both languages", () => {
    const read = readCommand(["enroll", "--collector", "ftp://x", "--token", "nodot", "--what"], {
      DETAK_LOG_LEVEL: "loud",
    });
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.mistakes).toHaveLength(4);
    for (const mistake of read.mistakes) {
      expect(mistake.id).not.toBe("");
      expect(mistake.en).not.toBe(mistake.id);
    }
  });

  test.each([
    [["enroll", "--collector"], 3],
    [["enroll", "--token", "", "--collector", "http://x"], 2],
    [["status", "--token", "x"], 2],
    [["fly"], 1],
  ])("%j has %i mistakes", (words, count) => {
    const read = readCommand(words, {});
    expect(read.ok ? 0 : read.mistakes.length).toBe(count);
  });

  test("version and help are commands too", () => {
    expect(readCommand(["--version"], {})).toEqual({ ok: true, command: { name: "version" } });
    for (const words of [[], ["--help"], ["-h"]]) {
      expect(readCommand(words, {})).toEqual({ ok: true, command: { name: "usage" } });
    }
  });

  test("the version is the package's", async () => {
    const packageText = await readFile(new URL("../../package.json", import.meta.url), "utf8");
    expect(agentVersion).toBe((JSON.parse(packageText) as { version: string }).version);
  });
});

describe("the places that stand for the internet", () => {
  const read = (text: string | undefined, command: "run" | "install" = "run") =>
    readCommand([command], text === undefined ? {} : { DETAK_INTERNET_TARGETS: text });

  test("are the usual ones when nothing is said, none when none is said, else what is said", () => {
    for (const command of ["run", "install"] as const) {
      expect(read(undefined, command)).toMatchObject({ ok: true, command: { publicAddresses: null } });
      expect(read("", command)).toMatchObject({ ok: true, command: { publicAddresses: null } });
      expect(read("none", command)).toMatchObject({ ok: true, command: { publicAddresses: [] } });
      expect(read("10.0.0.1:53", command)).toMatchObject({
        ok: true,
        command: { publicAddresses: [{ host: "10.0.0.1", port: 53 }] },
      });
    }
  });

  test("a mistake in them is told with the others, in both languages", () => {
    const wrong = readCommand(["run"], { DETAK_INTERNET_TARGETS: "example.com", DETAK_LOG_LEVEL: "loud" });
    expect(wrong.ok).toBe(false);
    if (wrong.ok) return;
    expect(wrong.mistakes.map((mistake) => mistake.en).join("\n")).toMatch(
      /DETAK_LOG_LEVEL[^]*DETAK_INTERNET_TARGETS must be none, or up to 4 IP addresses/,
    );
    for (const mistake of wrong.mistakes) expect(mistake.id).not.toBe(mistake.en);
  });
});

describe("words", () => {
  test("the language is Indonesian where the locale is", () => {
    expect(languageOf({ LANG: "id_ID.UTF-8" })).toBe("id");
    expect(languageOf({ LANG: "en_US.UTF-8", LC_ALL: "id" })).toBe("id");
    expect(languageOf({ LANG: "id_ID.UTF-8", LC_ALL: "C" })).toBe("en");
    expect(languageOf({ LANG: "idaho" })).toBe("en");
    expect(languageOf({})).toBe("en");
  });

  test("every problem has a sentence in both languages, with what is known of it", () => {
    const codes: Record<ProblemCode, string> = {
      not_reached: "EHOSTDOWN",
      dial_timed_out: "no answer",
      opening_timed_out: "while waiting for hello",
      collector_key_wrong: "expected A, was offered B",
      collector_proof_wrong: "welcome.signature",
      version_unknown: "the collector speaks 2 to 3",
      garbage: "not JSON",
      ack_missing: "no ack of 5",
      closed: "",
      stalled: "50000 ms",
      slept: "60000 ms",
    };
    for (const [code, detail] of Object.entries(codes)) {
      const { id, en } = problemSentence({ code: code as ProblemCode, detail });
      expect(id).toMatch(/[.?]$/);
      expect(en).toMatch(/[.?]$/);
      expect(id).not.toBe(en);
      if (code !== "dial_timed_out") expect(en).toContain(detail);
    }
  });

  test("a known errno and a known close code are explained", () => {
    const refused: Problem = { code: "not_reached", detail: "ECONNREFUSED" };
    expect(problemSentence(refused).en).toContain("is the collector running");
    const removed: Problem = { code: "closed", closeCode: closeCodes.removed.code, detail: "removed" };
    expect(problemSentence(removed)).toEqual({ id: closeCodes.removed.id, en: closeCodes.removed.en });
    expect(problemSentence({ code: "closed", closeCode: 1006, detail: "" }).en).toBe(
      "The connection was lost.",
    );
  });
});

describe("the reason to stop", () => {
  test.each([
    ["182 reboot.target start waiting\n183 shutdown.target start waiting", "", "", "reboot"],
    ["182 kexec.target start waiting", "", "", "reboot"],
    ["182 poweroff.target start waiting\n9 umount.target start waiting", "", "", "shutdown"],
    ["182 halt.target start waiting", "", "", "shutdown"],
    ["9 shutdown.target start waiting", "USEC=1\nMODE=reboot\n", "", "reboot"],
    ["9 shutdown.target start waiting", "", "", "shutdown"],
    ["33 detak-agent.service stop running", "USEC=1\nMODE=reboot\n", "", "agent_stopped"],
    ["No jobs running.", "", "", "agent_stopped"],
    ["", "", "2 6\n", "reboot"],
    ["", "", "N 0\n", "shutdown"],
    ["", "", "N 2\n", "agent_stopped"],
    ["", "", "unknown\n", "agent_stopped"],
  ])("%j, %j, %j is %s", (jobs, scheduled, runlevel, reason) => {
    expect(reasonFrom(jobs, scheduled, runlevel)).toBe(reason);
  });
});

test("the log writes one JSON line from its level on", () => {
  const lines: string[] = [];
  const log = createLog(
    "warn",
    (line) => lines.push(line),
    () => 0,
  );
  log("info", "hidden");
  log("error", "shown", { detail: "two\nlines" });
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"error","event":"shown","detail":"two\\nlines"}\n',
  ]);
});
