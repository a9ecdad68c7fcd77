/** `paddock service` with a stand-in for the user's systemd, which tests have none of: it runs what the unit says, as it says. */
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { commandOf, jsonOf } from "../world/command.ts";
import { until } from "../world/until.ts";
import { up } from "../world/up.ts";
import { startWorld, type World } from "../world/world.ts";

/** Starts with the environment of the unit alone, and ends by SIGTERM to the main process, as systemd does here. */
const standIn = (folder: string) => `#!/bin/bash
echo "\${*:2}" >>"${folder}/asked"
unit="$HOME/.config/systemd/user/\${!#}" pid="${folder}/pid"
stop() { [ ! -e "$pid" ] || { kill "$(cat "$pid")"; while kill -0 "$(cat "$pid")" 2>/dev/null; do sleep 0.05; done; rm "$pid"; }; }
case $2 in
  is-active) [ -e "$pid" ] && kill -0 "$(cat "$pid")" ;;
  disable) stop ;;
  restart)
    stop
    eval "variables=($(sed -n 's/^Environment=//p' "$unit"))"
    eval "command=($(sed -n 's/^ExecStart=//p' "$unit"))"
    env -i HOME="$HOME" "\${variables[@]}" setsid "\${command[@]}" >>"${folder}/log" 2>&1 </dev/null &
    echo $! >"$pid" ;;
esac
`;

/** What was installed in it is ended with it. */
async function worldWithSystemd() {
  const world = await startWorld({ up: false });
  const folder = dirname(world.home);
  mkdirSync(world.home, { mode: 0o700 });
  writeFileSync(join(world.home, "config.toml"), `port = 0\nworkspace = ${JSON.stringify(world.workspace)}\n`);
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin", "systemctl"), standIn(folder), { mode: 0o755 });
  const { PADDOCK_WORKSPACE: _, PADDOCK_PORT: __, ...environment } = world.environment;
  const there: World = {
    ...world,
    environment: { ...environment, PATH: `${join(folder, "bin")}:${environment.PATH}` },
  };
  const unit = join(folder, "owner", ".config", "systemd", "user", "paddock.service");
  const asked = () => (existsSync(join(folder, "asked")) ? readFileSync(join(folder, "asked"), "utf8") : "");
  const run = commandOf(there);
  return {
    ...{ world: there, run, unit, asked },
    async [Symbol.asyncDispose]() {
      for (const only of [[], ["--only", "runner"]]) await run(["service", "uninstall", ...only]);
      await world[Symbol.asyncDispose]();
    },
  };
}

const runs = (run: ReturnType<typeof commandOf>) =>
  run(["service", "status", "--json"]).then(({ exitCode }) => exitCode === 0);

test(
  "a service runs from its definition alone, and is gone after it was uninstalled",
  needs("bwrap", "setsid"),
  async () => {
    await using place = await worldWithSystemd();
    const { world, run, unit, asked } = place;
    const installed = await run(["service", "install"], { environment: { PADDOCK_LOG_LEVEL: "warn" } });
    assert.deepEqual([installed.exitCode, installed.stderr], [0, ""]);
    assert.match(installed.stdout, /^paddock runs, kept by systemd: /);
    assert.match(installed.stdout, /does not see PADDOCK_LOG_LEVEL of this shell/);
    assert.match(asked(), /daemon-reload\nenable paddock\.service\nrestart paddock\.service\n$/);
    const status = await jsonOf<{ hub: { pid: number }; runner: { workspace: string } }>(run, "status");
    assert.equal(status.runner.workspace, world.workspace);
    assert.deepEqual(await jsonOf(run, "service", "status"), {
      ...{ name: "paddock", manager: "systemd", path: unit, definition: "same", runs: true },
      log: "journalctl --user -u paddock",
    });

    assert.match((await run(["service", "install"])).stdout, /\(as it was\)/);
    const gone = await run(["service", "uninstall"]);
    assert.deepEqual([gone.exitCode, existsSync(unit), await runs(run)], [0, false, false]);
    assert.equal((await run(["status"])).exitCode, 7);
    assert.match((await run(["service", "uninstall"])).stdout, /^There is no service paddock\.$/m);
  },
);

test(
  "a definition that the owner changed is replaced only when that is said, and kept",
  needs("bwrap", "setsid"),
  async () => {
    await using place = await worldWithSystemd();
    const { run, unit } = place;
    await run(["service", "install", "--only", "runner"]);
    const runner = unit.replace("paddock.service", "paddock-runner.service");
    appendFileSync(runner, "# mine\n");
    const changed = readFileSync(runner, "utf8");
    const refused = await run(["service", "install", "--only", "runner"]);
    assert.match(refused.stderr, /^paddock: .*paddock-runner\.service is there and says something else/);
    assert.deepEqual([refused.exitCode, readFileSync(runner, "utf8"), existsSync(unit)], [6, changed, false]);
    assert.equal((await run(["service", "install", "--only", "runner", "--replace"])).exitCode, 0);
    assert.equal(readFileSync(`${runner}.before`, "utf8"), changed);
    assert.ok(!readFileSync(runner, "utf8").includes("# mine"));
  },
);

test("beside a Paddock that runs already nothing is installed", needs("bwrap"), async () => {
  await using place = await worldWithSystemd();
  const { world, run, unit, asked } = place;
  await using running = up(world, "--json");
  await until(() => running.said().includes("\n"));
  const refused = await run(["service", "install"]);
  assert.match(refused.stderr, /^paddock: Paddock runs already, at /);
  assert.deepEqual([refused.exitCode, existsSync(unit), asked()], [6, false, "is-active --quiet paddock.service\n"]);
});

test("without a service manager nothing is left behind, and the definition can be printed", async () => {
  await using place = await worldWithSystemd();
  const { run, unit } = place;
  const refused = await run(["service", "install"], { environment: { PATH: "/nowhere" } });
  assert.match(refused.stderr, /^paddock: systemd did not do `systemctl --user daemon-reload`: .*ENOENT/);
  assert.deepEqual([refused.exitCode, existsSync(unit)], [7, false]);
  const printed = await run(["service", "install", "--print", "--only", "hub"]);
  assert.match(printed.stdout, /^# Written by `paddock service install`\.\n\[Unit\]\n[\s\S]*paddock\.mjs" "hub"\n/);
  assert.equal(existsSync(dirname(unit)) && existsSync(unit), false);
  const wrong = await run(["service", "install", "--only", "both"]);
  assert.deepEqual(
    [wrong.exitCode, wrong.stderr.split("\n")[0]],
    [2, 'paddock: --only takes hub or runner, not "both".'],
  );
  const control = await run(["service", "install", "--print"], { environment: { PATH: "/bin\n[Service]\nUser=root" } });
  assert.match(control.stderr, /cannot stand in a service's definition/);
});
