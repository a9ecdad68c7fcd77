/** Files from one machine to another. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { needs } from "../needs.ts";
import { type Hub, type Part, startHub, startMachine } from "../world/machine.ts";
import { until } from "../world/until.ts";

const here = needs("bwrap");
const open = new AsyncDisposableStack();
const content = randomBytes(5_000_000);
const sha256 = createHash("sha256").update(content).digest("hex");
let hub: Hub;
let alpha: Part;
let beta: Part;

before(async () => {
  if (here.skip) return;
  hub = open.use(await startHub());
  alpha = open.use(await startMachine(hub.address, await hub.invite("--name", "alpha")));
  beta = open.use(await startMachine(hub.address, await hub.invite("--name", "beta")));
  await until(async () => JSON.parse(await hub.paddock("machine", "list", "--json")).every(isOnline));
  writeFileSync(join(alpha.workspace, "large.bin"), content);
});
after(() => open.disposeAsync());

const isOnline = ({ online }: { online: boolean }): boolean => online;

// biome-ignore lint/suspicious/noExplicitAny: a test reads any answer
type Answered = Promise<any>;

async function caller(...options: string[]) {
  const made = await hub.paddock("token", "create", "--name", "test", "--toolset", "full", ...options, "--json");
  const headers = { authorization: `Bearer ${JSON.parse(made).token}`, "content-type": "application/json" };
  return async (tool: string, input: object): Answered => {
    const sent = { method: "POST", headers, body: JSON.stringify(input) };
    return (await fetch(new URL(`/api/v1/tools/${tool}`, hub.address), sent)).json();
  };
}

const between = { from_machine: "alpha", to_machine: "beta" };
const partsAt = ({ workspace }: Part) => readdirSync(workspace).filter((name) => name.endsWith(".part"));

test("a file comes whole to another machine, in folders that are made, and its hash is told", here, async () => {
  const call = await caller();
  const { ok, summary, data } = await call("transfer_file", {
    ...between,
    from_path: "large.bin",
    to_path: "in/it.bin",
  });
  assert.ok(ok, summary);
  assert.deepEqual(data, {
    path: join(beta.workspace, "in", "it.bin"),
    size: content.length,
    sha256,
    created: true,
    resumed_from: 0,
    checkpoint_id: data.checkpoint_id,
    warnings: [],
  });
  assert.ok(readFileSync(join(beta.workspace, "in", "it.bin")).equals(content));
  assert.deepEqual(readdirSync(join(beta.workspace, "in")), ["it.bin"]);
});

test("an empty file comes too, and one machine can send to itself", here, async () => {
  const call = await caller();
  writeFileSync(join(beta.workspace, "empty"), "");
  const itself = { from_machine: "beta", to_machine: "beta" };
  const { data } = await call("transfer_file", { ...itself, from_path: "empty", to_path: "empty-too" });
  assert.deepEqual([data.size, statSync(join(beta.workspace, "empty-too")).size], [0, 0]);
});

test("what is there is replaced only when that is said, and keeps its mode", here, async () => {
  const call = await caller();
  const target = join(beta.workspace, "there");
  writeFileSync(target, "before");
  chmodSync(target, 0o640);
  const wanted = { ...between, from_path: "large.bin", to_path: "there" };
  assert.equal((await call("transfer_file", wanted)).data.code, "path_exists");
  assert.equal(readFileSync(target, "utf8"), "before");
  const { data } = await call("transfer_file", { ...wanted, overwrite: true });
  assert.deepEqual([data.created, statSync(target).mode & 0o777], [false, 0o640]);
  assert.ok(readFileSync(target).equals(content));
});

test(
  "what had arrived before is not sent again, and a part that was altered never becomes the file",
  here,
  async () => {
    const call = await caller();
    const wanted = { ...between, from_path: "large.bin", to_path: "resumed" };
    const part = await halfArrived(call, wanted);
    writeFileSync(part, content.subarray(0, 3_000_000));
    const { data } = await call("transfer_file", wanted);
    assert.deepEqual([data.resumed_from, data.sha256], [3_000_000, sha256]);
    assert.ok(readFileSync(join(beta.workspace, "resumed")).equals(content));

    const again = { ...wanted, to_path: "altered" };
    writeFileSync(await halfArrived(call, again), randomBytes(3_000_000));
    assert.equal((await call("transfer_file", again)).data.code, "transfer_broken");
    assert.deepEqual([partsAt(beta), readdirSync(beta.workspace).includes("altered")], [[], false]);
    assert.equal((await call("transfer_file", again)).data.resumed_from, 0);
  },
);

/** The name under which a file grows, learned from one that comes whole where nothing can take its name. */
async function halfArrived(call: Awaited<ReturnType<typeof caller>>, wanted: { to_path: string }): Promise<string> {
  let seen: string | undefined;
  const looking = setInterval(() => {
    seen ??= partsAt(beta)[0];
  }, 1);
  while (!seen) {
    await call("transfer_file", { ...wanted, overwrite: true });
    await call("delete_file", { machine: "beta", path: wanted.to_path });
  }
  clearInterval(looking);
  return join(beta.workspace, seen);
}

test("each side's own rules hold: what may not be read there or written here does not move", here, async () => {
  const call = await caller();
  const refusedFor = async (from_path: string, to_path: string) =>
    (await call("transfer_file", { ...between, from_path, to_path })).data.code;
  mkdirSync(join(alpha.workspace, "folder"), { recursive: true });
  symlinkSync("/etc/passwd", join(alpha.workspace, "out"));
  assert.deepEqual(
    [
      await refusedFor("missing", "x"),
      await refusedFor("folder", "x"),
      await refusedFor("/etc/passwd", "x"),
      await refusedFor("out", "x"),
      await refusedFor(join(alpha.home, "runner", "link.key"), "x"),
      await refusedFor("large.bin", "/etc/x"),
      await refusedFor("large.bin", ".git/hooks/post-commit"),
    ],
    [
      "path_not_found",
      "not_a_file",
      "path_outside_roots",
      "path_outside_roots",
      "denied",
      "path_outside_roots",
      "denied",
    ],
  );
  assert.deepEqual([partsAt(beta), readdirSync(beta.workspace).includes("x")], [[], false]);
});

test("both machines have to be the caller's, and it has to be allowed to write", here, async () => {
  const only = await caller("--machine", "beta");
  const wanted = { from_path: "large.bin", to_path: "stolen" };
  assert.equal((await only("transfer_file", { ...between, ...wanted })).data.code, "machine_not_found");
  const readonly = await caller("--toolset", "readonly");
  assert.equal((await readonly("transfer_file", { ...between, ...wanted })).data.code, "readonly");
  const all = await caller();
  assert.equal((await all("transfer_file", wanted)).data.code, "machine_required");
  for (const call of [all, only])
    assert.equal((await call("send_file", { machine: "beta", path: "large.bin" })).data.code, "unknown_tool");
});

test("when the source dies on the way the caller is told, and what had arrived is kept", here, async () => {
  const call = await caller();
  const endless = join(alpha.workspace, "endless");
  writeFileSync(endless, "");
  truncateSync(endless, 64 * 1024 ** 3);
  const answer = call("transfer_file", { ...between, from_path: "endless", to_path: "never" });
  const part = await until(() => partsAt(beta).find((name) => statSync(join(beta.workspace, name)).size > 0));
  alpha.child.kill("SIGKILL");
  assert.equal((await answer).data.code, "transfer_broken");
  assert.deepEqual(partsAt(beta), [part]);
});
