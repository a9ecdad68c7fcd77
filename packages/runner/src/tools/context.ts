/** Handlers of the context tools. */
import { PaddockError } from "@paddock/contract";
import type { OutputOf } from "@paddock/contract/tools";
import type { Profile } from "@paddock/policy";
import type { Checkpoints } from "../checkpoints/checkpoints.ts";
import { shownPath } from "../context/memory.ts";
import { withNote } from "../context/notes.ts";
import { projectContext } from "../context/project-context.ts";
import type { ProjectMemory } from "../context/project-memory.ts";
import { rulesFor } from "../context/rules.ts";
import { replacedBy } from "../files/replaced.ts";
import { revisionOf } from "../files/revision.ts";
import type { Located } from "../files/roots.ts";
import type { Call, Handlers } from "./handler.ts";

type Status = OutputOf<"agent_status">;

type Facts = Pick<Status, "version" | "sandbox" | "audit_log" | "undo" | "tool_list">;

export interface ContextParts {
  memory: ProjectMemory;
  checkpoints: Checkpoints;
  /** What this installation says of itself; asked for at every call, so it has to be quick. */
  facts(): Facts | Promise<Facts>;
  /** The bridged servers this caller may use. */
  bridged(call: Call): Status["bridged_servers"];
}

export function contextHandlers({
  memory,
  checkpoints,
  facts,
  bridged,
}: ContextParts): Handlers<"agent_status" | "project_context" | "remember" | "load_path_rules"> {
  return {
    agent_status: {
      async run(_, call) {
        const data = {
          profile: call.profile,
          description: descriptions[call.profile],
          workspace: call.workspace,
          roots: [...call.roots.list],
          bridged_servers: bridgedServers(() => bridged(call)),
          cheat_sheet: cheatSheet,
          ...(await facts()),
        };
        return { summary: `Profile ${call.profile} in ${call.workspace}.`, data };
      },
    },
    project_context: {
      async run({ path, max_depth, max_bytes_per_file, max_files }, { roots, workspace }) {
        const start = roots.locate(path ?? workspace, workspace);
        if ((await roots.stat(start))?.type !== "directory") {
          throw new PaddockError("not_a_directory", `There is no directory ${start.absolute}.`);
        }
        const limits = { maxDepth: max_depth, maxBytesPerFile: max_bytes_per_file, maxFiles: max_files };
        const found = await projectContext(roots, workspace, start, await memory.files(roots, workspace), limits);
        const count = found.files.length;
        const summary = `${count} ${count === 1 ? "file" : "files"} of context${found.truncated ? ", and there are more" : ""}.`;
        return { summary, data: { root: start.absolute, ...found, count } };
      },
    },
    remember: {
      async run({ note }, call) {
        const place = await noteFile(call);
        const before = (await call.roots.stat(place)) ? await call.roots.read(place, maxNotesBytes) : null;
        const { text, added } = withNote(before?.toString() ?? "", note);
        call.roots.checkWritable(place);
        const { id } = await checkpoints.beforeChange(call, "remember", [await replacedBy(call.roots, place)]);
        await call.roots.write(place, Buffer.from(text), { expected: before ? revisionOf(before) : null });
        const path = shownPath(place, call.workspace);
        return { summary: `Noted in ${path}.`, data: { path, added, checkpoint_id: id } };
      },
    },
    load_path_rules: {
      async run({ path }, { roots, workspace }) {
        const shown = shownPath(roots.locate(path, workspace), workspace);
        const rules = await rulesFor(roots, workspace, shown);
        const count = rules.length;
        return {
          summary: `${count} ${count === 1 ? "rule covers" : "rules cover"} ${shown}.`,
          data: { path: shown, rules, count },
        };
      },
    },
  };
}

/** A broken list of servers is shown in their place: status has to answer when something is wrong. */
function bridgedServers(list: () => Status["bridged_servers"]): Status["bridged_servers"] {
  try {
    return list().map(({ id, state }) => ({ id, state }));
  } catch (error) {
    if (error instanceof PaddockError) return [{ id: "bridge.json", state: error.message }];
    throw error;
  }
}

const maxNotesBytes = 1024 * 1024;

/** AGENTS.md, or the CLAUDE.md of a project that has only that. */
async function noteFile({ roots, workspace }: Call): Promise<Located> {
  const agents = roots.locate("AGENTS.md", workspace);
  if (await roots.lstat(agents)) return agents;
  const claude = roots.locate("CLAUDE.md", workspace);
  return (await roots.stat(claude))?.type === "file" ? claude : agents;
}

const descriptions = {
  readonly: "You can look at the roots and change nothing.",
  workspace: "You can change what lies below the roots. Commands run in a sandbox; whatever leaves it is asked about.",
  open: "You can use the whole machine as its owner's account can, Paddock's own state and credentials excepted.",
} satisfies Record<Profile, string>;

const cheatSheet = [
  "Look: project_context, glob, grep, list_directory, read_text_file.",
  "Change: apply_patch or edit_file; write_file for whole files; rewind undoes.",
  "Run: run_command keeps its directory and exports; start_process and process_output for servers and long work.",
  "Git: git_status, git_diff, git_add, git_commit.",
  "A run_id in an answer: get_run waits for the result.",
  "Asking for more than the sandbox gives: say why in `needs`; the owner answers on the machine.",
];
