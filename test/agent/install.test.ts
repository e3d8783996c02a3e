/**
 * Installing and removing, as plans and texts; performed under another root, with the commands only noted.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AgentFailure } from "../../agent/failure.ts";
import { install, uninstall } from "../../agent/install/install.ts";
import { launchdPlist } from "../../agent/install/launchd.ts";
import {
  installableProgram,
  planInstall,
  planUninstall,
  type InstallFacts,
} from "../../agent/install/plan.ts";
import { performSteps, runCommand } from "../../agent/install/steps.ts";
import { systemdUnit } from "../../agent/install/systemd.ts";
import { segmentName } from "../../agent/journal-segments.ts";
import { windowsTask } from "../../agent/install/windows-task.ts";
import { newFolder } from "./agent-process.ts";

let folder: string;
let facts: InstallFacts;
beforeEach(async () => {
  folder = await newFolder();
  const script = join(folder, "download.cjs");
  await writeFile(script, "// the program\n");
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, "-----BEGIN CERTIFICATE-----\n");
  facts = {
    program: { node: "/usr/bin/node", script },
    caFile,
    internetTargets: "10.0.0.1:53",
    stateDir: "/var/lib/detak-agent",
    restartSeconds: 5,
    programFiles: "C:\\Program Files",
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const systemdAnalyze = "/usr/bin/systemd-analyze";

describe("on Linux", () => {
  test("installing places program, wrapper and unit and starts the service; removing leaves nothing", async () => {
    const root = join(folder, "root");
    await mkdir(join(root, "var/lib/detak-agent/journal"), { recursive: true });
    await writeFile(join(root, "var/lib/detak-agent/identity.json"), "{}");
    await writeFile(join(root, "var/lib/detak-agent/journal", segmentName(1)), "[]");
    const commands: string[] = [];
    const note = (file: string, words: readonly string[]) => {
      commands.push([file, ...words].join(" "));
      return Promise.resolve();
    };
    await performSteps(planInstall("linux", facts), root, note);
    const unit = await readFile(join(root, "etc/systemd/system/detak-agent.service"), "utf8");
    expect(unit).toContain("ExecStart=/usr/bin/node /usr/local/lib/detak-agent/agent.cjs run\n");
    expect(unit).toContain("Environment=DETAK_CA_FILE=/usr/local/lib/detak-agent/ca.pem\n");
    expect(unit).toContain("Environment=DETAK_INTERNET_TARGETS=10.0.0.1:53\n");
    expect(await readFile(join(root, "usr/local/lib/detak-agent/agent.cjs"), "utf8")).toBe(
      "// the program\n",
    );
    const wrapper = join(root, "usr/local/bin/detak-agent");
    expect((await stat(wrapper)).mode & 0o777).toBe(0o755);
    expect(await readFile(wrapper, "utf8")).toContain(
      `exec '/usr/bin/node' '/usr/local/lib/detak-agent/agent.cjs' "$@"`,
    );
    expect(commands).toEqual([
      "systemctl daemon-reload",
      "systemctl enable detak-agent.service",
      "systemctl restart detak-agent.service",
    ]);
    // Once more is as good as once.
    await performSteps(planInstall("linux", facts), root, note);

    commands.length = 0;
    await performSteps(planUninstall("linux", facts.stateDir, facts.programFiles), root, note);
    expect(commands[0]).toBe("systemctl disable --now detak-agent.service");
    const left = (await readdir(root, { recursive: true, withFileTypes: true })).filter(
      (entry) => !entry.isDirectory(),
    );
    expect(left).toEqual([]);
    for (const gone of ["usr/local/lib/detak-agent", "var/lib/detak-agent"]) {
      expect(existsSync(join(root, gone))).toBe(false);
    }
    // Removing what is not there is no error, not even when the service manager complains.
    await performSteps(planUninstall("linux", facts.stateDir, facts.programFiles), root, () =>
      Promise.reject(new Error("not loaded")),
    );
  });

  test("a Node in somebody's home is copied beside the program", () => {
    const plan = planInstall("linux", {
      ...facts,
      program: { ...facts.program, node: "/root/.nvm/bin/node" },
    });
    expect(plan).toContainEqual({
      type: "copy_file",
      from: "/root/.nvm/bin/node",
      to: "/usr/local/lib/detak-agent/node",
      mode: 0o755,
    });
    const unit = plan.find((step) => step.type === "write_file" && step.path.endsWith(".service"));
    expect(unit?.type === "write_file" ? unit.content : "").toContain(
      "ExecStart=/usr/local/lib/detak-agent/node ",
    );
  });

  test("a step that fails stops the installation with one sentence", async () => {
    const failing = performSteps(planInstall("linux", facts), join(folder, "root"), () =>
      Promise.reject(new Error("Access denied")),
    );
    await expect(failing).rejects.toThrow("systemctl daemon-reload (Access denied)");
    await expect(failing).rejects.toBeInstanceOf(AgentFailure);
  });

  test("a command that fails is told in its own words", async () => {
    await expect(
      runCommand(process.execPath, ["-e", 'process.stderr.write("no such unit"); process.exit(4)']),
    ).rejects.toThrow("no such unit");
  });

  test("words with spaces, quotes, percent and dollar signs survive systemd's own quoting", () => {
    const unit = systemdUnit({
      command: ["/opt/my node", '/opt/100%/$x "y".cjs'],
      caFile: null,
      internetTargets: null,
      restartSeconds: 3,
    });
    expect(unit).toContain('ExecStart="/opt/my node" "/opt/100%%/$$x \\"y\\".cjs" run');
  });

  test.runIf(existsSync(systemdAnalyze))(
    "systemd finds no fault with the unit, and little exposure",
    async () => {
      const path = join(folder, "detak-agent.service");
      await writeFile(
        path,
        systemdUnit({
          command: [process.execPath, facts.program.script],
          caFile: null,
          internetTargets: "1.1.1.1:443,[2606:4700:4700::1111]:443",
          restartSeconds: 5,
        }),
      );
      const verified = execFileSync(systemdAnalyze, ["verify", "--man=no", path], {
        encoding: "utf8",
        stdio: "pipe",
      });
      expect(verified).toBe("");
      // A threshold of 20 of 100: what a closed network service gets.
      execFileSync(systemdAnalyze, ["security", "--offline=true", "--threshold=20", path], { stdio: "pipe" });
    },
  );
});

test("the sources cannot be installed, only the built program", () => {
  expect(
    installableProgram({ file: "/usr/bin/node", arguments: ["--import", "tsx", "/x/agent/main.ts"] }),
  ).toBeNull();
  expect(installableProgram({ file: "/usr/bin/node", arguments: [] })).toBeNull();
  expect(installableProgram({ file: "/usr/bin/node", arguments: ["/x/agent.cjs"] })).toEqual({
    node: "/usr/bin/node",
    script: "/x/agent.cjs",
  });
});

test("without root, and on a platform without an installation, one sentence says so", async () => {
  const options = {
    caFile: null,
    publicAddresses: null,
    say: () => Promise.resolve(),
    ensureEnrolled: () => Promise.resolve(),
  };
  const place = { platform: "linux", isRoot: false, home: "/", environment: {} } as const;
  await expect(install(place, options)).rejects.toThrow("needs root");
  await expect(uninstall(place, options.say)).rejects.toThrow("needs root");
  await expect(install({ ...place, platform: "sunos" }, options)).rejects.toThrow(
    "no installation for sunos",
  );
});

describe("on macOS", () => {
  test("the property list starts the agent with the machine and keeps it alive; texts are escaped", () => {
    const plist = launchdPlist({
      command: ["/usr/local/bin/node", "/x & <y>/agent.cjs"],
      caFile: "/ca.pem",
      internetTargets: "none",
      stateDir: "/Library/Application Support/detak-agent",
      logFile: "/Library/Logs/detak-agent.log",
    });
    expect(plist).toContain("<string>/x &amp; &lt;y&gt;/agent.cjs</string>\n    <string>run</string>");
    expect(plist).toContain("<key>KeepAlive</key>\n  <true/>");
    expect(plist).toContain("<key>DETAK_CA_FILE</key>\n    <string>/ca.pem</string>");
    expect(plist).toContain("<key>DETAK_INTERNET_TARGETS</key>\n    <string>none</string>");
  });

  test("the plan ends an earlier daemon first, and removing takes everything along", () => {
    const plan = planInstall("darwin", { ...facts, stateDir: "/Library/Application Support/detak-agent" });
    expect(plan.at(-1)).toMatchObject({ type: "run", file: "launchctl", optional: false });
    const removed = planUninstall("darwin", "/s", "").flatMap((step) =>
      step.type === "remove" ? [step.path] : [],
    );
    const placed = plan.flatMap((step) => (step.type === "write_file" ? [step.path] : []));
    for (const path of placed) expect(removed.some((gone) => path.startsWith(gone))).toBe(true);
    expect(removed).toContain("/s");
  });
});

describe("on Windows", () => {
  test("the task starts with the machine as LocalService, without a time limit, and is started again", () => {
    const task = windowsTask({ command: ["C:\\Program Files\\Detak Agent\\node.exe", 'C:\\a "b"\\'] });
    expect(task).toContain("<BootTrigger>");
    expect(task).toContain("<UserId>S-1-5-19</UserId>");
    expect(task).toContain("<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>");
    expect(task).toContain("<RestartOnFailure>");
    expect(task).toContain("<Command>C:\\Program Files\\Detak Agent\\node.exe</Command>");
    expect(task).toContain(`<Arguments>&quot;C:\\a \\&quot;b\\&quot;\\\\&quot; run</Arguments>`);
  });

  test("the plan closes the state folder to others before the task is made", () => {
    const plan = planInstall("win32", { ...facts, stateDir: "C:\\ProgramData\\Detak Agent" });
    const commands = plan.flatMap((step) => (step.type === "run" ? [step.file] : []));
    expect(commands).toEqual(["schtasks", "setx", "setx", "icacls", "schtasks", "schtasks"]);
    const file = plan.find((step) => step.type === "write_file");
    const content = file?.type === "write_file" ? file.content : "";
    expect(Buffer.isBuffer(content) && content.subarray(0, 2).equals(Buffer.from([0xff, 0xfe]))).toBe(true);
    const removed = planUninstall("win32", "C:\\s", "C:\\Program Files");
    expect(removed).toContainEqual({ type: "remove", path: "C:\\Program Files\\Detak Agent" });
  });
});
