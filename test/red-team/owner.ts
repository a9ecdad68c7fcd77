/** The owner of the machine, as tests have one: reads the logs, and answers questions with the command line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuditRecord } from "@paddock/contract";
import { until } from "../world/until.ts";
import type { World } from "../world/world.ts";
import type { Owner } from "./mechanism.ts";

/** All records of an audit log, oldest first. */
export function auditOf({ home }: Pick<World, "home">, service: "hub" | "runner"): AuditRecord[] {
  const lines = readFileSync(join(home, service, "audit.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}

/** Answers on the machine itself. */
export function ownerOf({ paddock }: Pick<World, "paddock">): Owner {
  const question = () =>
    until(async () => {
      const { questions } = JSON.parse(await paddock("approve", "--json")) as { questions: { id: string }[] };
      return questions[0]?.id;
    });
  const answers = async (...words: string[]) => {
    const id = await question();
    return paddock("approve", id, ...words);
  };
  return {
    async reads() {
      await question();
      return paddock("approve");
    },
    allows: (minutes) => answers(...(minutes === undefined ? [] : ["--for", `${minutes}`])),
    denies: () => answers("--deny"),
    approvesContent: async () => {
      const hash = await until(async () => {
        const { content } = JSON.parse(await paddock("approve", "--json")) as { content: { hash: string }[] };
        return content.at(-1)?.hash;
      });
      return paddock("approve", "--content", hash);
    },
  };
}
