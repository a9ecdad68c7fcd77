import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tools } from "@paddock/contract/tools";
import { needs } from "../../../../test/needs.ts";
import { makePlace, type TestPlace } from "./place.fixture.ts";
import { skillsHandlers } from "./skills.ts";

const handlersOf = async (place: TestPlace) =>
  skillsHandlers({
    ownerFolder: join(place.state, "skills"),
    approvals: place.approvals,
    cages: await place.cages(),
    checkpoints: place.checkpoints,
  });

function ownerSkill(place: TestPlace, name: string, files: Record<string, string>): void {
  const folder = join(place.state, "skills", name);
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content);
}

const run = { script: "go.sh", arguments: ["a b", "$HOME"], timeout_seconds: 20 };

test(
  "skills are listed with their descriptions, the owner's first and not to be replaced",
  needs("bwrap"),
  async () => {
    await using place = makePlace();
    ownerSkill(place, "deploy", { "SKILL.md": "---\ndescription: Mine.\n---\n" });
    place.write({
      ".claude/skills/deploy/SKILL.md": "---\ndescription: Not mine.\n---\n",
      ".agents/skills/review/SKILL.md": "---\nname: review\ndescription: Look twice.\n---\n",
      ".agents/skills/empty/readme.md": "",
      ".agents/skills/..hidden/SKILL.md": "",
    });
    const { skill_list } = await handlersOf(place);
    const { data } = await skill_list.run({}, place.call());
    tools.skill_list.output.parse(data);
    assert.deepEqual(data.skills, [
      { name: "deploy", description: "Mine.", source: "owner", path: join(place.state, "skills", "deploy") },
      {
        name: "review",
        description: "Look twice.",
        source: "project",
        path: join(place.workspace, ".agents/skills/review"),
      },
    ]);
  },
);

test("a skill can be read whole and file by file, and nothing beside it", needs("bwrap"), async () => {
  await using place = makePlace();
  place.write({
    ".claude/skills/x/SKILL.md": "Do it.",
    ".claude/skills/x/ref/a.md": "A".repeat(200_000),
    "other.md": "no",
  });
  symlinkSync("../../../other.md", join(place.workspace, ".claude/skills/x/link.md"));
  const { skill_read } = await handlersOf(place);
  const whole = await skill_read.run({ name: "x", offset: 0 }, place.call());
  tools.skill_read.output.parse(whole.data);
  assert.deepEqual([whole.data.content, whole.data.files], ["Do it.", ["SKILL.md", "ref/a.md"]]);
  const part = await skill_read.run({ name: "x", file: "./ref/a.md", offset: 0 }, place.call());
  assert.equal(part.data.next_offset, 131_072);
  const rest = await skill_read.run({ name: "x", file: "ref/a.md", offset: 131_072 }, place.call());
  assert.deepEqual([rest.data.content.length, rest.data.next_offset], [68_928, null]);
  for (const file of ["link.md", "../../../other.md", "gone"]) {
    await assert.rejects(skill_read.run({ name: "x", file, offset: 0 }, place.call()), { code: "path_not_found" });
  }
  await assert.rejects(skill_read.run({ name: "../x", offset: 0 }, place.call()), { code: "skill_not_found" });
});

test("the owner's skill runs in the workspace's cage, without a view of where it lies", needs("bwrap"), async () => {
  await using place = makePlace();
  ownerSkill(place, "deploy", {
    "SKILL.md": "",
    "go.sh": `printf '%s|' "$@" "$PWD"; cat "$SKILL_DIR/data"; ls ${place.state} 2>&1 | wc -l; touch made; exit 3`,
    data: "data ",
  });
  const { skill_run } = await handlersOf(place);
  const { data } = await skill_run.run({ name: "deploy", ...run }, place.call());
  tools.skill_run.output.parse(data);
  assert.deepEqual(data, {
    name: "deploy",
    script: "go.sh",
    exit_code: 3,
    stdout: `a b|$HOME|${place.workspace}|data 1\n`,
    stderr: "",
    timed_out: false,
    truncated: false,
    checkpoint_id: null,
  });
  assert.deepEqual(place.checkpoints.asked, ["skill deploy: go.sh"]);
});

test("a workspace's skill runs only as the owner approved it", needs("bwrap"), async () => {
  await using place = makePlace();
  place.write({ ".claude/skills/x/SKILL.md": "", ".claude/skills/x/go.sh": "#!/bin/sh\necho one" });
  chmodSync(join(place.workspace, ".claude/skills/x/go.sh"), 0o755);
  const { skill_run } = await handlersOf(place);
  const go = () => skill_run.run({ name: "x", ...run }, place.call());
  await assert.rejects(go(), { code: "inert" });
  const [pending] = place.approvals.list().pending;
  assert.deepEqual([pending?.kind, pending?.path], ["skill", join(place.workspace, ".claude/skills/x")]);
  place.approvals.approve(pending?.hash ?? "");
  assert.equal((await go()).data.stdout, "one\n");
  place.write({ ".claude/skills/x/go.sh": "#!/bin/sh\necho two" });
  await assert.rejects(go(), { code: "inert" });
});

test("what cannot be run is refused with a reason", needs("bwrap"), async () => {
  await using place = makePlace();
  ownerSkill(place, "odd", { "SKILL.md": "", "data.bin": "x" });
  const { skill_run } = await handlersOf(place);
  const go = (script: string) => skill_run.run({ name: "odd", ...run, script }, place.call());
  await assert.rejects(go("gone.sh"), { code: "path_not_found" });
  await assert.rejects(go("data.bin"), { code: "invalid_input" });
  await assert.rejects(skill_run.run({ name: "none", ...run }, place.call()), { code: "skill_not_found" });
});
