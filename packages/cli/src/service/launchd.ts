/** A launch agent of macOS. */
import { join } from "node:path";
import type { Definition } from "./definition.ts";
import type { Work } from "./work.ts";
import { escaped } from "./xml.ts";

export function launchd(work: Work): Definition {
  const { name, ownerHome, uid } = work;
  const path = join(ownerHome, "Library", "LaunchAgents", `${name}.plist`);
  const target = `gui/${uid}`;
  return {
    manager: "launchd",
    path,
    text: textOf(work),
    encoding: "utf8",
    start: [
      ["launchctl", "bootstrap", target, path],
      ["launchctl", "kickstart", "-k", `${target}/${name}`],
    ],
    stop: [["launchctl", "bootout", `${target}/${name}`]],
    forget: [],
    runs: ["launchctl", "print", `${target}/${name}`],
    log: `tail ${logOf(work)}`,
  };
}

const logOf = ({ state, name }: Work): string => join(state, `${name}.log`);

function textOf(work: Work): string {
  const { name, argv, environment } = work;
  const string = (text: string) => `<string>${escaped(text)}</string>`;
  const variables = Object.entries(environment).map(([key, value]) => `    <key>${key}</key>${string(value)}`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by \`paddock service install\`. -->
<plist version="1.0">
<dict>
  <key>Label</key>${string(name)}
  <key>ProgramArguments</key>
  <array>
${argv.map((word) => `    ${string(word)}`).join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables.join("\n")}
  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key><false/>
  </dict>
  <key>ThrottleInterval</key><integer>10</integer>
  <key>ExitTimeOut</key><integer>20</integer>
  <key>StandardOutPath</key>${string(logOf(work))}
  <key>StandardErrorPath</key>${string(logOf(work))}
</dict>
</plist>
`;
}
