/** Single calls: their way through hub and runner, beside a bare echo. */
import { type Figure, inTurns, type Measured } from "../figure.ts";
import { mcpClient } from "../mcp-client.ts";
import type { Stage } from "../stage.ts";
import { kilobyteFile, megabyteFile } from "../tree.ts";

const question = JSON.stringify({ tool: "agent_status", input: { id: 1, text: "a short question" } });
const often = { rounds: 20, each: 50 };

export const restCalls: Figure = {
  name: "rest",
  async measure({ echo, caller }) {
    const { base, status, read } = await inTurns(
      {
        base: () => echo.post("/echo", question),
        status: () => caller.send("agent_status", {}),
        read: () => caller.send("read_text_file", { path: kilobyteFile }),
      },
      often,
    );
    return [besideEcho("REST agent_status", status, base, 5), besideEcho("REST read of 1 KB", read, base, 5)];
  },
};

export const mcpCalls: Figure = {
  name: "mcp",
  async measure(stage) {
    const mcp = await mcpClient(stage);
    const { base, status, read } = await inTurns(
      {
        base: () => stage.echo.post("/echo", question),
        status: () => mcp.send("tools/call", { name: "agent_status", arguments: {} }),
        read: () => mcp.send("tools/call", { name: "read_text_file", arguments: { path: kilobyteFile } }),
      },
      often,
    );
    mcp.close();
    return [besideEcho("MCP agent_status", status, base, 6), besideEcho("MCP read of 1 KB", read, base, 6)];
  },
};

export const largeRead: Figure = {
  name: "megabyte",
  async measure({ echo, caller }: Stage) {
    const { base, read } = await inTurns(
      {
        base: () => echo.post("/megabyte", "{}"),
        read: () => caller.send("read_text_file", { path: megabyteFile }),
      },
      { rounds: 10, each: 20 },
    );
    return [
      {
        name: "read of 1 MB",
        unit: "us",
        ours: read * 1000,
        base: { what: "1 MB over HTTP", value: base * 1000 },
        limit: { most: 2.5 },
      },
    ];
  },
};

export const besideEcho = (name: string, ours: number, base: number, most: number): Measured => ({
  name,
  unit: "us",
  ours: ours * 1000,
  base: { what: "echo", value: base * 1000 },
  limit: { most },
});
