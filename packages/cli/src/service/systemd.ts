/**
 * A unit of the user's own systemd. What would harden it further (no new privileges, its own view of the file system, system
 * call filters) would hold for the cages too, which need namespaces of their own, and for what the owner approves beyond them.
 */
import { join } from "node:path";
import type { Definition } from "./definition.ts";
import { summaryOf, type Work } from "./work.ts";

export function systemd(work: Work): Definition {
  const { name, configHome } = work;
  const ask = (...args: string[]) => ["systemctl", "--user", ...args] as const;
  return {
    manager: "systemd",
    path: join(configHome, "systemd", "user", `${name}.service`),
    text: textOf(work),
    encoding: "utf8",
    start: [ask("daemon-reload"), ask("enable", `${name}.service`), ask("restart", `${name}.service`)],
    stop: [ask("disable", "--now", `${name}.service`)],
    forget: [ask("daemon-reload")],
    runs: ask("is-active", "--quiet", `${name}.service`),
    log: `journalctl --user -u ${name}`,
  };
}

const textOf = ({ argv, environment, part }: Work): string => `# Written by \`paddock service install\`.
[Unit]
Description=${summaryOf(part)}
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=exec
ExecStart=${argv.map((word) => quoted(word).replaceAll("$", "$$$$")).join(" ")}
${Object.entries(environment)
  .map(([variable, value]) => `Environment=${quoted(`${variable}=${value}`)}`)
  .join("\n")}
Restart=on-failure
RestartSec=5
# Hub and runner are asked by the one that started them; what is left after that is killed.
KillMode=mixed
TimeoutStopSec=20
# A command that used up its memory is not the end of Paddock.
OOMPolicy=continue
# A picture of the memory would hold tokens.
LimitCORE=0

[Install]
WantedBy=default.target
`;

/** One word, as systemd reads it. */
const quoted = (word: string): string =>
  `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%")}"`;
