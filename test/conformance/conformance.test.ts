/** The official conformance suite against the real hub, in both revisions it is required for. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startWorld, type World } from "./world.ts";

const inBoth = [
  "completion-complete",
  "dns-rebinding-protection",
  "prompts-get-embedded-resource",
  "prompts-get-simple",
  "prompts-get-with-args",
  "prompts-get-with-image",
  "prompts-list",
  "resources-list",
  "resources-read-binary",
  "resources-read-text",
  "resources-templates-read",
  "server-sse-multiple-streams",
  "tools-call-audio",
  "tools-call-embedded-resource",
  "tools-call-error",
  "tools-call-image",
  "tools-call-mixed-content",
  "tools-call-simple-text",
  "tools-call-with-progress",
  "tools-list",
];

const required: Readonly<Record<string, readonly string[]>> = {
  "2025-11-25": [
    ...inBoth,
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "logging-set-level",
    "ping",
    "resources-subscribe",
    "resources-unsubscribe",
    "server-initialize",
    "tools-call-elicitation",
    "tools-call-sampling",
    "tools-call-with-logging",
  ],
  "2026-07-28": [
    ...inBoth,
    "caching",
    "input-required-result-basic-elicitation",
    "input-required-result-basic-list-roots",
    "input-required-result-basic-sampling",
    "input-required-result-capability-check",
    "input-required-result-ignore-extra-params",
    "input-required-result-missing-input-response",
    "input-required-result-multi-round",
    "input-required-result-multiple-input-requests",
    "input-required-result-non-tool-request",
    "input-required-result-request-state",
    "input-required-result-result-type",
    "input-required-result-tampered-state",
    "input-required-result-unsupported-methods",
    "input-required-result-validate-input",
    "sep-2164-resource-not-found",
    "server-stateless",
  ],
};

/** Not required, but passed all the same. */
const beyond: Readonly<Record<string, readonly string[]>> = {
  "2025-11-25": ["json-schema-2020-12", "server-session-lifecycle", "server-sse-polling"],
  "2026-07-28": ["http-custom-header-server-validation", "http-header-validation", "json-schema-2020-12"],
};

/** The suite runs these, but they are for an extension that Paddock does not have. */
const isOfTasks = (name: string): boolean => name.startsWith("tasks-");

for (const [revision, scenarios] of Object.entries(required)) {
  test(`all ${scenarios.length} required scenarios of ${revision} pass, and the unscored ones of the transport`, async () => {
    await using world = await startWorld();
    const { code, output, passed } = await runSuite(world, "--requirements", revision);
    assert.equal(code, 0, output);
    const expected = [...scenarios, ...(beyond[revision] ?? [])].toSorted();
    assert.deepEqual(passed.filter((name) => !isOfTasks(name)).toSorted(), expected, output);
  });
}

for (const scenario of ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"]) {
  test(`${scenario} passes without any fixture`, async () => {
    await using world = await startWorld({ withFixtures: false });
    const { code, output } = await runSuite(world, "--scenario", scenario, "--spec-version", "2025-11-25");
    assert.equal(code, 0, output);
  });
}

test("without the proxy's token the suite is refused at the door", async () => {
  await using world = await startWorld();
  const answer = await fetch(world.hub, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  assert.equal(answer.status, 401);
});

const program = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));

async function runSuite({ url }: World, ...options: readonly string[]) {
  const results = await mkdtemp(join(tmpdir(), "paddock-conformance-results-"));
  try {
    const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
      const suite = execFile(
        process.execPath,
        [program, "server", "--url", url, "--output-dir", results, ...options],
        { cwd: results, timeout: 120_000, maxBuffer: 32 * 1024 * 1024 },
        (_error, stdout, stderr) => resolve({ code: suite.exitCode ?? 1, output: stdout + stderr }),
      );
    });
    const passed = [...output.matchAll(/^✓ (\S+): /gm)].map(([, name = ""]) => name);
    return { code, output, passed };
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}
