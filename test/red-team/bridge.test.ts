/** Servers that the owner has bridged, one of which has turned against them. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeServers } from "@paddock/runner/bridge";
import { bridgedServers } from "./mechanisms/bridged-servers.ts";
import { serverFile } from "./naive-tools.ts";
import { redTeam } from "./suite.ts";

// Questions would be told on the desktop, which is one of the listeners.
redTeam(bridgedServers, {
  settings: { DBUS_SESSION_BUS_ADDRESS: "" },
  prepare: async ({ home }) => {
    mkdirSync(join(home, "runner"), { recursive: true });
    const args = ["--input-type=module", "--eval", readFileSync(serverFile, "utf8")];
    const server = { transport: "stdio", command: "node", args, expose: "all" } as const;
    writeServers(
      join(home, "runner", "bridge.json"),
      ["red", "red__other"].map((id) => ({ id, ...server })),
    );
  },
});
