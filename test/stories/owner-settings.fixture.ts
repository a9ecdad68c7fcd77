/** The settings about what the owner is shown and what is kept of their files, each with what they notice of it. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ShownQuestion } from "@paddock/contract";
import { commandOf, jsonOf } from "../world/command.ts";
import { until } from "../world/until.ts";
import type { Effect } from "./limit-settings.fixture.ts";

interface Questions {
  questions: ShownQuestion[];
}

export const asked = {
  question_characters: {
    value: "1000",
    async shows({ world, call }) {
      const run = commandOf(world);
      const command = `: ${"x".repeat(1_500)}`;
      const asking = call("run_command", { command, needs: { no_cage: true, reason: "r" } });
      const question = await until(async () => (await jsonOf<Questions>(run, "approve")).questions[0]);
      const line = question.lines.find(({ label }) => label === "command");
      assert.deepEqual([line?.text.length, line?.whole?.characters], [1_000, 1_502]);
      await run(["approve", question.id, "--deny"]);
      await asking;
    },
  },
} satisfies Record<string, Effect>;

export const kept = {
  backups_kept: {
    value: "1",
    async shows({ world }) {
      const run = commandOf(world);
      for (const program of ["a", "b", "c"]) {
        await run(["policy", "ask", "--", program]);
        await run(["config", "set", "log_level", program === "b" ? "warn" : "info"]);
      }
      const names = readdirSync(join(world.home, "backups")).map((name) => name.split("-")[0]);
      assert.deepEqual(names.toSorted(), ["config", "policy"]);
    },
  },
} satisfies Record<string, Effect>;
