/**
 * A real MCP server for the tests of the bridge. Run as a program it speaks over its standard streams; `tools.txt` in its
 * directory changes what it offers, `crash-at-start` keeps it from starting.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

export function testServer(): McpServer {
  const server = new McpServer({ name: "notes", version: "1.0.0" }, { capabilities: { tools: { listChanged: true } } });
  const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
  const described = existsSync("tools.txt") ? readFileSync("tools.txt", "utf8") : "Says it again.";
  const input = z.object({ text: z.string().describe("Words."), times: z.number().min(1).max(9).optional() });
  const output = z.object({ said: z.string() });
  server.registerTool(
    "echo",
    { description: described, inputSchema: input, outputSchema: output },
    async ({ text: words }) => ({ ...text(words), structuredContent: { said: words } }),
  );
  server.registerTool("secret", { description: "Tells its key." }, async () => text(`key: ${process.env.NOTES_TOKEN}`));
  server.registerTool("fail", { description: "Fails." }, async () => ({ ...text("no such note"), isError: true }));
  server.registerTool("big", { description: "A lot." }, async () => text("ü".repeat(2_000_000)));
  server.registerTool("image", { description: "A picture." }, async () => ({
    content: [{ type: "image" as const, data: "iVBORw0KGgo=", mimeType: "image/png" }],
  }));
  server.registerTool("pid", { description: "Process and start." }, async () =>
    text(`${process.pid} ${performance.timeOrigin}`),
  );
  server.registerTool("wait", { description: "Never answers." }, () => new Promise<never>(() => undefined));
  server.registerTool("crash", { description: "Ends." }, async () => {
    process.stderr.write(`dying with ${process.env.NOTES_TOKEN}\n`);
    process.exit(7);
  });
  return server;
}

if (process.argv[1] === import.meta.filename) {
  if (existsSync("starts.txt")) appendFileSync("starts.txt", "start\n");
  if (existsSync("crash-at-start")) {
    process.stderr.write("cannot find my notes\n");
    process.exit(1);
  }
  serveStdio(testServer);
}
