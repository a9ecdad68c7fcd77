/** For tests: a program that serves scripted runs over its standard input and output. */
import { completed, only, principalOf, scriptedMachine, scriptedRuns, shownTools } from "../mcp/mcp.fixture.ts";
import { serveStdio } from "./serve.ts";

await serveStdio({
  runs: scriptedRuns((_call, run) => completed(run, { path: "a", content: "hello" })),
  machines: only(scriptedMachine()),
  principal: principalOf("owner"),
  toolsFor: () => shownTools,
  version: "0.0.1",
  input: process.stdin,
  output: process.stdout,
  log: { info() {}, warn() {}, error() {} },
});
