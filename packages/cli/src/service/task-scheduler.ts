/** A task of the Windows task scheduler. It has the variables of the user's account; a definition can name none. */
import { win32 } from "node:path";
import type { Asked, Definition } from "./definition.ts";
import { summaryOf, type Work } from "./work.ts";
import { escaped } from "./xml.ts";

export function taskScheduler(work: Work): Definition {
  const { name, state } = work;
  const path = win32.join(state, `${name}.xml`);
  const ask = (verb: string, ...args: string[]): Asked => ["schtasks.exe", verb, "/TN", name, ...args];
  return {
    manager: "the task scheduler",
    path,
    text: `\ufeff${textOf(work).replaceAll("\n", "\r\n")}`,
    encoding: "utf16le",
    start: [ask("/Create", "/XML", path, "/F"), ask("/Run")],
    stop: [ask("/End"), ask("/Delete", "/F")],
    forget: [],
    runs: ask("/Query"),
    log: `schtasks /Query /TN ${name} /V /FO LIST`,
  };
}

function textOf({ argv: [program = "", ...args], user, part }: Work): string {
  return `<?xml version="1.0" encoding="UTF-16"?>
<!-- Written by \`paddock service install\`. -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${escaped(summaryOf(part))}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>${escaped(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${escaped(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>5</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escaped(program)}</Command>
      <Arguments>${escaped(args.map(quoted).join(" "))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** One word, as Windows programs take their command line apart. */
const quoted = (word: string): string =>
  /[\s"]/.test(word) ? `"${word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"` : word;
