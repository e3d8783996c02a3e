/**
 * The systemd unit, as text.
 * Why so closed: the agent reads /proc, /sys and the sizes of file systems, speaks to its collector, and asks a few
 * addresses whether they live; it needs no right beyond that, so a flaw in it is worth nothing on the server.
 * Must not: hide /proc (ProcSubset) or the mounts (ProtectHome=yes) from it, or forbid what V8 needs (writable code).
 */

export interface UnitFacts {
  /** The program and its arguments, absolute paths. */
  readonly command: readonly string[];
  /** Absolute path of PEM certificates; null: the system's. */
  readonly caFile: string | null;
  /** What `DETAK_INTERNET_TARGETS` shall say; null: nothing. */
  readonly internetTargets: string | null;
  /** Chosen at random when installing, so that machines that failed together do not all come back together. */
  readonly restartSeconds: number;
}

export const serviceName = "detak-agent.service";

/** The whole file. */
export function systemdUnit(facts: UnitFacts): string {
  const ca = facts.caFile === null ? "" : `Environment=${quoted(`DETAK_CA_FILE=${facts.caFile}`)}\n`;
  const targets =
    facts.internetTargets === null
      ? ""
      : `Environment=${quoted(`DETAK_INTERNET_TARGETS=${facts.internetTargets}`)}\n`;
  return `[Unit]
Description=Detak agent: heartbeats from this server to its collector
Wants=network-online.target
After=network-online.target
# A server that cannot be watched must not stay so: no limit to restarts.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${facts.command.map(quoted).join(" ")} run
Environment=DETAK_STATE_DIR=/var/lib/detak-agent
# A heap for each of Node's threads is 0.3 MB that nobody uses.
Environment=MALLOC_ARENA_MAX=1
${ca}${targets}Restart=always
RestartSec=${facts.restartSeconds}
# Bad settings do not mend themselves.
RestartPreventExitStatus=2
# The agent says goodbye within 3 s.
TimeoutStopSec=5

# A user that exists only while the service runs; it owns the state folder.
DynamicUser=yes
StateDirectory=detak-agent
StateDirectoryMode=0700
UMask=0077

# The agent needs 60 MB, the child that reads the inventory once a day as much again.
MemoryMax=256M
TasksMax=128
# It must outlive what it is to tell about.
OOMScoreAdjust=-500

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
LockPersonality=yes
KeyringMode=private
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=read-only
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

/** One word for systemd: its own quoting, where % and $ also mean something. */
function quoted(word: string): string {
  const escaped = word.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/%/g, "%%").replace(/\$/g, "$$$$");
  return /^[A-Za-z0-9_./=:@%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
