/**
 * The Windows scheduled task, as XML: starts with the machine, restarts when it ends, has no time limit.
 * Why a task and not a service: a service must answer the service controller, which Node does not; a task needs nothing
 * beside Windows itself.
 * Must not: run as SYSTEM; LocalService can read all that the agent needs.
 */
import { xmlText } from "./launchd.ts";

export interface TaskFacts {
  readonly command: readonly string[];
}

export const taskName = "Detak Agent";
/** LocalService, by its well-known SID: its name differs by the language of Windows. */
export const localServiceSid = "S-1-5-19";

/** The whole file; it must be written in UTF-16, as its first line says. */
export function windowsTask(facts: TaskFacts): string {
  const [file = "", ...words] = facts.command;
  const argumentText = [...words, "run"].map(windowsQuoted).join(" ");
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Detak agent: heartbeats from this server to its collector</Description>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger>
      <Enabled>true</Enabled>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${localServiceSid}</UserId>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xmlText(file)}</Command>
      <Arguments>${xmlText(argumentText)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** One word for a Windows command line: backslashes count only before a quote. */
function windowsQuoted(word: string): string {
  if (word !== "" && !/[\s"]/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}
