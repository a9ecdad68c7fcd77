import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestHub } from "../hub.fixture.ts";
import { echo } from "../machines/runner.fixture.ts";
import { openMeter } from "./metrics.ts";

interface Family {
  type: string;
  samples: Map<string, number>;
}

/** Reads the text format as strictly as its definition: each family once, head before samples, names and values well-formed. */
function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  assert.ok(text.endsWith("\n"));
  let help = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const head = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (head?.[1] === "HELP") help = head[2] ?? "";
    else if (head) {
      assert.equal(head[2], help, line);
      assert.equal(families.has(help), false, `${help} twice`);
      assert.match(head[3] ?? "", /^(counter|gauge|histogram)$/);
      families.set(help, { type: head[3] ?? "", samples: new Map() });
    } else addSample(line, help, families);
  }
  return families;
}

function addSample(line: string, current: string, families: Map<string, Family>): void {
  const sample = /^([a-z_]+)(\{[a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*\})? (\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(line);
  assert.ok(sample, line);
  const [, name = "", labels = "", value] = sample;
  const family = families.get(current);
  const suffixes = family?.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  assert.ok(
    suffixes.some((suffix) => name === `${current}${suffix}`),
    line,
  );
  assert.equal(family?.samples.has(`${name}${labels}`), false, `${line} twice`);
  if (family?.type === "counter") assert.match(name, /_total$/);
  family?.samples.set(`${name}${labels}`, Number(value));
}

test("what is measured is well-formed and true: runs, refusals, the link, approvals, the audit log, memory", async () => {
  await using hub = await startTestHub();
  const first = await hub.dial({ script: echo });
  const token = await hub.token();
  await hub.call(token, "glob", { pattern: "*" });
  await hub.call(token, "no_such_tool");
  await first.close();
  while ((await hub.http("GET", "/healthz")).json.machinesOnline === 1);
  await hub.dial({ boot: "boot-2", script: echo });
  const monitor = await hub.token({ scope: "metrics" });
  const { text, headers } = await hub.http("GET", "/metrics", { token: monitor });
  assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  const families = parse(text);
  const measured = (sample: string) =>
    [...families.values()].map(({ samples }) => samples.get(`paddock_${sample}`)).find((value) => value !== undefined);
  assert.deepEqual(
    [
      ...['runs_total{tool="glob",state="completed"}', "run_seconds_count", 'run_seconds_bucket{le="+Inf"}'],
      ...['calls_refused_total{code="unknown_tool"}', "links_opened_total", "machines_online", "approvals_waiting"],
      ...["runs_open", "audit_writable", "credentials_failed_total"],
    ].map(measured),
    [1, 1, 1, 1, 2, 1, 0, 0, 1, 0],
  );
  assert.ok((measured("resident_memory_bytes") ?? 0) > 1_000_000);
  const buckets = [...(families.get("paddock_run_seconds")?.samples ?? [])].filter(([name]) =>
    name.includes("_bucket"),
  );
  const counts = buckets.map(([, count]) => count);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  );
});

test("metrics are for tokens made for them, and those are for nothing else", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const [caller, monitor] = [await hub.token(), await hub.token({ scope: "metrics", toolset: "full" })];
  const answers = [
    await hub.http("GET", "/metrics", { token: caller }),
    await hub.call(monitor, "glob", { pattern: "*" }),
    await hub.http("GET", "/api/v1/info", { token: monitor }),
    await hub.http("POST", "/mcp", { token: monitor, body: "{}" }),
    await hub.http("POST", "/api/v1/actions/glob", { token: monitor, body: "{}" }),
  ];
  assert.deepEqual(
    answers.map(({ status, json }) => [status, json.error.code]),
    Array(answers.length).fill([403, "forbidden"]),
  );
  assert.equal((await hub.http("GET", "/metrics")).status, 401);
  assert.equal((await hub.http("GET", "/metrics", { token: monitor })).status, 200);
});

test("no caller can make more labels: what it names itself is in none", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const token = await hub.token({ name: 'evil"} 1\n' });
  for (const tool of ["a", "b", 'x"}', "mcp_call"]) {
    await hub.call(token, encodeURIComponent(tool), { server_id: tool, tool, arguments: {} });
  }
  const { text } = await hub.http("GET", "/metrics", { token: await hub.token({ scope: "metrics" }) });
  const labelled = text.split("\n").filter((line) => /^paddock_(runs|calls_refused)_total\{/.test(line));
  assert.deepEqual(labelled, [
    'paddock_runs_total{tool="mcp_call",state="completed"} 1',
    'paddock_calls_refused_total{code="unknown_tool"} 3',
  ]);
  parse(text);
});

test("a histogram counts a run in each bucket that it fits", () => {
  const meter = openMeter({ onChange: () => () => {} });
  for (const milliseconds of [1, 40, 400_000]) {
    meter.ended({ run: "run_x" as never, principal: "p", tool: "glob", state: "completed", milliseconds });
  }
  const { samples } = parse(meter.text([])).get("paddock_run_seconds") ?? { samples: new Map() };
  const at = (le: string) => samples.get(`paddock_run_seconds_bucket{le="${le}"}`);
  assert.deepEqual(["0.001", "0.025", "0.05", "300", "+Inf"].map(at), [1, 1, 2, 2, 3]);
});
