import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { makePlace, type TestPlace } from "../tools/place.fixture.ts";
import { openAfterEdit } from "./after-edit.ts";

const afterEditOf = async (place: TestPlace) =>
  openAfterEdit({
    ownerFile: join(place.state, "hooks.json"),
    approvals: place.approvals,
    cages: await place.cages(),
    checkpoints: place.checkpoints,
    timeoutSeconds: 10,
  });

const ownHooks = (place: TestPlace, hooks: unknown) =>
  writeFileSync(join(place.state, "hooks.json"), JSON.stringify(hooks));
const edited = (place: TestPlace, ...paths: string[]) => paths.map((path) => join(place.workspace, path));

test("without hooks an edit costs nothing more", needs("bwrap"), async () => {
  await using place = makePlace();
  const afterEdit = await afterEditOf(place);
  assert.deepEqual(await afterEdit(place.call(), edited(place, "a.ts")), []);
  assert.deepEqual(place.checkpoints.asked, []);
});

test("the owner's hooks run for the files their glob names, and see them as arguments", needs("bwrap"), async () => {
  await using place = makePlace();
  ownHooks(place, [
    { glob: "*.ts", command: 'echo "$@"; echo warned >&2; exit 4' },
    { glob: "docs/**", command: "echo docs" },
  ]);
  const afterEdit = await afterEditOf(place);
  assert.deepEqual(await afterEdit(place.call(), edited(place, "src/a b.ts", "-b.ts", "c.md")), [
    {
      glob: "*.ts",
      command: 'echo "$@"; echo warned >&2; exit 4',
      exit_code: 4,
      output: "src/a b.ts -b.ts\nwarned\n",
      timed_out: false,
    },
  ]);
  assert.deepEqual(place.checkpoints.asked, ["post-edit hooks"]);
});

test("a hook that does not end is ended", needs("bwrap"), async () => {
  await using place = makePlace();
  ownHooks(place, [{ glob: "*", command: "echo begun; sleep 600", timeout_seconds: 1 }]);
  const [result] = await (await afterEditOf(place))(place.call(), edited(place, "a"));
  assert.deepEqual([result?.timed_out, result?.exit_code, result?.output], [true, null, "begun\n"]);
});

test("a workspace's hooks do nothing until their content is approved", needs("bwrap"), async () => {
  await using place = makePlace();
  const hooks = (command: string) => ({ ".paddock/hooks.json": JSON.stringify([{ glob: "*.py", command }]) });
  place.write(hooks("touch ran; echo formatted"));
  const afterEdit = await afterEditOf(place);
  const edit = async () => (await afterEdit(place.call(), edited(place, "x/a.py")))[0];
  const before = await edit();
  const [pending] = place.approvals.list().pending;
  assert.equal(before?.exit_code, null);
  assert.match(before?.output ?? "", new RegExp(`^Not run\\. .*paddock approve --content ${pending?.hash}`));
  place.approvals.approve(pending?.hash ?? "");
  assert.deepEqual([(await edit())?.exit_code, (await edit())?.output], [0, "formatted\n"]);
  place.write(hooks("rm -rf x"));
  assert.match((await edit())?.output ?? "", /^Not run/);
});

test("a broken hook file is reported and does not fail the edit", needs("bwrap"), async () => {
  await using place = makePlace();
  ownHooks(place, [{ glob: "*", comand: "x" }]);
  const [result] = await (await afterEditOf(place))(place.call(), edited(place, "a"));
  assert.deepEqual([result?.exit_code, result?.timed_out], [null, false]);
  assert.match(result?.output ?? "", /hooks\.json/);
});
