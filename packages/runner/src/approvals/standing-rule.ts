/** The rule that "always" would write: the narrowest one that says yes to this call and to nothing else that matters. */
import { type Request, wishesOf } from "@paddock/policy";
import { readScript } from "../gate/shell-text.ts";
import type { RuleDraft } from "../rules/edit-rules.ts";
import type { ProgramFile } from "./program-files.ts";

/** Null where a rule could only say more than the call does: several commands, what only the run tells, a bridged server. */
export function standingRule(request: Request, programs: readonly ProgramFile[], key: string): RuleDraft | null {
  const { wants, tool, caller, machine } = request;
  if (wants.server !== undefined || wants.confirm) return null;
  const what = wants.command === undefined ? pathsOf(request) : commandOf(request, programs);
  if (what === null) return null;
  const wishes = wishesOf(request);
  const beyond = (wants.beyond ?? []).map(({ path }) => path);
  return {
    id: `always-${key.slice(0, 12)}`,
    verdict: "allow",
    reason: "You allowed this always, when you were asked about it.",
    tools: [tool],
    caller: [caller],
    machine: [machine],
    ...what,
    ...(beyond.length > 0 ? { paths: beyond } : {}),
    ...(wishes.length > 0 ? { wishes } : {}),
    ...(wants.hosts ? { network: [...wants.hosts] } : {}),
  };
}

function pathsOf({ wants }: Request): RuleDraft | null {
  const paths = (wants.paths ?? []).map(({ path }) => path);
  return paths.length === 0 ? null : { paths };
}

/** One command that is told by its words, by the file that its name leads to. */
function commandOf({ wants, workspace }: Request, programs: readonly ProgramFile[]): RuleDraft | null {
  const { invocations, unresolved, redirects } = readScript(wants.command ?? "");
  const [only, another] = invocations;
  const [file] = programs;
  if (!only || another || !file || only.kind !== "program" || only.through.length > 0) return null;
  if (unresolved.length > 0 || redirects.length > 0) return null;
  const args = only.args.filter((arg) => arg !== null);
  // A star in an argument would be read as a pattern.
  if (args.length < only.args.length || args.some((arg) => arg === "" || arg.includes("*"))) return null;
  return { program: [file.path], args, exact: true, cwd: [wants.directory ?? workspace] };
}
