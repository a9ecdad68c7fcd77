/** Handlers of the skill tools. */
import { PaddockError } from "@paddock/contract";
import type { ContentApprovals } from "../approvals/content.ts";
import type { Checkpoints } from "../checkpoints/checkpoints.ts";
import { textHead } from "../context/text-head.ts";
import type { Cages } from "../sandbox/cage.ts";
import { skillFiles } from "../skills/bundle.ts";
import { findSkill, listSkills, openOwnerShelf, shelvesOf } from "../skills/find.ts";
import { approvedBundle, runScript } from "../skills/run.ts";
import type { Handlers } from "./handler.ts";

export interface SkillParts {
  /** Folder of the owner's skills, in the runner's state. */
  ownerFolder: string;
  approvals: ContentApprovals;
  cages: Cages;
  checkpoints: Checkpoints;
}

const pageBytes = 128 * 1024;

export function skillsHandlers({
  ownerFolder,
  approvals,
  cages,
  checkpoints,
}: SkillParts): Handlers<"skill_list" | "skill_read" | "skill_run"> {
  return {
    skill_list: {
      async run(_, { workspace, roots }) {
        using owner = openOwnerShelf(ownerFolder);
        const { skills, truncated } = await listSkills(shelvesOf(owner, workspace, roots));
        const shown = skills.map(({ name, description, source, path }) => ({ name, description, source, path }));
        const count = shown.length;
        return { summary: `${count} ${count === 1 ? "skill" : "skills"}.`, data: { skills: shown, count, truncated } };
      },
    },
    skill_read: {
      async run({ name, file = "SKILL.md", offset }, { workspace, roots }) {
        using owner = openOwnerShelf(ownerFolder);
        const skill = await findSkill(shelvesOf(owner, workspace, roots), name);
        const files = (await skillFiles(skill)).map(({ path }) => path);
        const wanted = files.find((path) => path === file.replace(/^(\.\/)+/, ""));
        const place = wanted === undefined ? null : skill.roots.locate(wanted, skill.path);
        const head = place ? await textHead(skill.roots, place, pageBytes, offset) : null;
        if (!head)
          throw new PaddockError(
            "path_not_found",
            `The skill has no text file ${file}.`,
            "Its files are listed by skill_read without `file`.",
          );
        const next_offset = head.truncated ? offset + Buffer.byteLength(head.text) : null;
        const data = { name, source: skill.source, file, content: head.text, next_offset, files };
        return { summary: `${file} of the skill ${name}.`, data };
      },
    },
    skill_run: {
      async run({ name, script, arguments: args, timeout_seconds }, call) {
        using owner = openOwnerShelf(ownerFolder);
        const skill = await findSkill(shelvesOf(owner, call.workspace, call.roots), name);
        const bundle = await approvedBundle(skill, approvals);
        const { id } = await checkpoints.beforeCommand(call, `skill ${name}: ${script}`);
        const ended = await runScript(cages, call, bundle, {
          script,
          arguments: args,
          timeoutMs: timeout_seconds * 1000,
        });
        const data = {
          name,
          script,
          exit_code: ended.code,
          stdout: ended.stdout.toString(),
          stderr: ended.stderr.toString(),
          timed_out: ended.timedOut,
          truncated: ended.truncated,
          checkpoint_id: id,
        };
        return {
          summary: ended.timedOut
            ? `${script} ran into its time limit.`
            : `${script} ended with ${ended.code ?? ended.signal}.`,
          data,
        };
      },
    },
  };
}
