/** An MCP server without dependencies, whose program travels in its arguments so that it needs no file in its cage. */
import { createInterface } from "node:readline";

const text = (words) => ({ type: "text", text: words });
const inputSchema = { type: "object" };
const tools = {
  echo: ({ words }) => ({ content: [text(words)], structuredContent: { said: words } }),
  picture: () => ({ content: [{ type: "image", data: "iVBORw0KGgo=", mimeType: "image/png" }] }),
  fail: () => ({ content: [text("no such note")], isError: true }),
};

const methods = {
  initialize: () => ({
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "notes", version: "1" },
  }),
  "tools/list": () => ({ tools: Object.keys(tools).map((name) => ({ name, inputSchema })) }),
  "tools/call": ({ name, arguments: input }) => tools[name](input),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const answer = methods[method]
    ? { result: methods[method](params) }
    : { error: { code: -32601, message: "Method not found" } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`);
}
