/** Runs a script of a skill in a cage, from a read-only copy made of the bytes that were approved. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { ContentApprovals } from "../approvals/content.ts";
import type { Cages, Finished } from "../sandbox/cage.ts";
import type { Call } from "../tools/handler.ts";
import { type Bundle, type BundleFile, readBundle } from "./bundle.ts";
import type { Skill } from "./find.ts";

export interface ScriptRun {
  script: string;
  arguments: readonly string[];
  timeoutMs: number;
}

const maxOutputBytes = 50_000;

/** What starts a script that is not executable by itself. */
const interpreters: Readonly<Record<string, string>> = {
  ".sh": "bash",
  ".bash": "bash",
  ".py": "python3",
  ".js": "node",
  ".mjs": "node",
  ".cjs": "node",
  ".rb": "ruby",
  ".pl": "perl",
};

/** The bundle of a skill that may run: the owner's, or one whose content the owner approved. Throws `inert` otherwise. */
export async function approvedBundle(skill: Skill, approvals: ContentApprovals): Promise<Bundle> {
  const bundle = await readBundle(skill);
  if (skill.source === "owner") return bundle;
  const text = bundle.files.map(readable).join("\n");
  const refusal = approvals.refusal({ kind: "skill", path: skill.path, hash: bundle.hash, text });
  if (refusal) throw refusal;
  return bundle;
}

/** A file as the owner reads it before approving. */
function readable({ path, executable, content }: BundleFile): string {
  const text = content.includes(0) ? "[binary]" : content.toString();
  return `==> ${path} (${content.length} bytes${executable ? ", executable" : ""}) <==\n${text}`;
}

export async function runScript(cages: Cages, call: Call, bundle: Bundle, run: ScriptRun): Promise<Finished> {
  const wanted = run.script.replace(/^(\.\/)+/, "");
  const script = bundle.files.find(({ path }) => path === wanted);
  if (!script)
    throw new PaddockError("path_not_found", `The skill has no file ${run.script}.`, "skill_read lists its files.");
  const copy = mkdtempSync(join(tmpdir(), "paddock-skill-"));
  try {
    writeCopy(copy, bundle.files);
    const spec = {
      argv: [...starterOf(script), join(copy, script.path), ...run.arguments],
      cwd: call.workspace,
      profile: call.profile,
      domain: call.domain,
      roots: call.roots.list,
      mounts: [{ path: copy, write: false }],
      env: { SKILL_DIR: copy },
    };
    return await cages.run(spec, { maxBytes: maxOutputBytes, timeoutMs: run.timeoutMs, signal: call.signal });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function starterOf({ path, executable }: BundleFile): string[] {
  if (executable) return [];
  const interpreter = interpreters[extname(path).toLowerCase()];
  if (interpreter) return [interpreter];
  throw new PaddockError("invalid_input", `${path} is not executable and its ending names no known interpreter.`);
}

function writeCopy(folder: string, files: readonly BundleFile[]): void {
  for (const { path, executable, content } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: executable ? 0o555 : 0o444, flag: "wx" });
  }
}
