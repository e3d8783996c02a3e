/**
 * The launchd property list for macOS, as text.
 * Why a daemon: the agent must run when nobody is logged in.
 * Must not: hold a secret; it is readable for all.
 */

export interface PlistFacts {
  readonly command: readonly string[];
  readonly caFile: string | null;
  /** What `DETAK_INTERNET_TARGETS` shall say; null: nothing. */
  readonly internetTargets: string | null;
  readonly stateDir: string;
  readonly logFile: string;
}

export const launchdLabel = "id.detak.agent";

/** The whole file. */
export function launchdPlist(facts: PlistFacts): string {
  const words = [...facts.command, "run"].map((word) => `    <string>${xmlText(word)}</string>`).join("\n");
  const variables: [string, string][] = [["DETAK_STATE_DIR", facts.stateDir]];
  if (facts.caFile !== null) variables.push(["DETAK_CA_FILE", facts.caFile]);
  if (facts.internetTargets !== null) variables.push(["DETAK_INTERNET_TARGETS", facts.internetTargets]);
  const environment = variables
    .map(([name, value]) => `    <key>${xmlText(name)}</key>\n    <string>${xmlText(value)}</string>`)
    .join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${launchdLabel}</string>
  <key>ProgramArguments</key>
  <array>
${words}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${environment}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${xmlText(facts.logFile)}</string>
  <key>StandardErrorPath</key>
  <string>${xmlText(facts.logFile)}</string>
</dict>
</plist>
`;
}

/** Text for XML, elements and attributes alike. */
export function xmlText(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&apos;");
}
