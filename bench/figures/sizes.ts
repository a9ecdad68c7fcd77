/** What a client has to read before its first call. */
import type { Figure } from "../figure.ts";
import { mcpClient } from "../mcp-client.ts";

export const sizes: Figure = {
  name: "sizes",
  async measure({ world }) {
    const mcp = await mcpClient({ world, token: await world.token({ toolset: "core" }) });
    const list = await mcp.send("tools/list");
    const { instructions } = await mcp.ask("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "bench", version: "1" },
    });
    mcp.close();
    const instructionBytes = Buffer.byteLength(String(instructions));
    return [
      { name: "tools/list of core", unit: "kB", ours: list.length / 1000, base: null, limit: { most: 35 } },
      { name: "instructions", unit: "kB", ours: instructionBytes / 1000, base: null, limit: { most: 4 } },
    ];
  },
};
