/** Works out in memory what a patch does to every file it names. Nothing is written here; one section that fails fails all. */
import { type MatchTier, PaddockError } from "@paddock/contract";
import { revisionOf } from "../../files/revision.ts";
import type { Located, Roots } from "../../files/roots.ts";
import type { FileChange } from "../commit.ts";
import { checkRevision, checkSize, type EditLimits, readSource, rewritten, type Source } from "../source.ts";
import { decodeText } from "../text.ts";
import { applyHunks } from "./apply.ts";
import type { Section } from "./patch.ts";
import type { Base } from "./targets.ts";

export type Operation = "add" | "update" | "delete" | "move" | "copy";

export interface PlannedFile {
  operation: Operation;
  /** Where the content is afterwards; where it was, for a deletion. */
  place: Located;
  /** Where it was, for a move or copy. */
  from?: Located;
  /** Text for the diff; null where no file is. */
  before: string | null;
  after: string | null;
  match: MatchTier;
  changes: FileChange[];
}

export interface Plan {
  files: PlannedFile[];
  warnings: string[];
}

export interface PlanContext {
  roots: Roots;
  base: Base;
  limits: EditLimits;
  /** Revision a file must have, by its name in the patch. */
  expected: ReadonlyMap<string, string>;
}

const maxSections = 500;

/** Throws what makes any section impossible, naming it. */
export async function planPatch(sections: readonly Section[], context: PlanContext): Promise<Plan> {
  if (sections.length > maxSections) {
    throw new PaddockError("too_large", `The patch names ${sections.length} files; ${maxSections} are the most.`);
  }
  refuseUnknownNames(sections, context);
  const plan: Plan = { files: [], warnings: [] };
  const taken = new Map<string, Section>();
  let total = 0;
  for (const section of sections) {
    const file = await planSection(section, context, plan.warnings);
    for (const { place, before, after } of file.changes) {
      await refuseTwice(context.roots, taken, place, section);
      total += (before?.content.length ?? 0) + (after?.content.length ?? 0);
    }
    if (total > context.limits.totalBytes) {
      throw new PaddockError(
        "too_large",
        `The files of this patch have more than ${context.limits.totalBytes} bytes together.`,
      );
    }
    plan.files.push(file);
  }
  return plan;
}

function refuseUnknownNames(sections: readonly Section[], { expected }: PlanContext): void {
  const names = new Set<string | null>(sections.map(({ path }) => path));
  for (const name of expected.keys()) {
    if (names.has(name) || (names.has(null) && sections.length === 1)) continue;
    throw new PaddockError("invalid_input", `expected_revisions names ${name}, which the patch does not change.`);
  }
}

async function refuseTwice(roots: Roots, taken: Map<string, Section>, place: Located, section: Section): Promise<void> {
  const key = (await roots.lstat(place)) === null ? place.absolute : (await roots.real(place)).absolute;
  const other = taken.get(key);
  if (other && other !== section) {
    throw new PaddockError(
      "invalid_patch",
      `Lines ${other.at} and ${section.at} of the patch both change ${place.absolute}.`,
      "Give each file one section: put its hunks together, or update it instead of deleting and adding.",
    );
  }
  taken.set(key, section);
}

function planSection(section: Section, context: PlanContext, warnings: string[]): Promise<PlannedFile> {
  if (section.type === "add") return planAdd(section, context);
  if (section.type === "delete") return planDelete(section, context);
  return planUpdate(section, context, warnings);
}

const modeOf = (executable: boolean | undefined): { mode?: number } => (executable ? { mode: 0o755 } : {});

async function planAdd(section: Section & { type: "add" }, context: PlanContext): Promise<PlannedFile> {
  const place = await newPlace(section.path, context);
  const content = Buffer.from(section.content, "utf8");
  checkSize(content.length, place, context.limits);
  const after = { content, ...modeOf(section.executable) };
  const changes = [{ place, before: null, after }];
  return { operation: "add", place, before: null, after: section.content, match: "exact", changes };
}

/** Where a new file goes. Throws path_exists. */
async function newPlace(path: string, { roots, base }: PlanContext): Promise<Located> {
  const place = base.locate(path);
  roots.checkWritable(place);
  if ((await roots.lstat(place)) === null) return place;
  const nextStep = "Update the file instead, delete or move it first, or choose another name.";
  throw new PaddockError("path_exists", `${place.absolute} exists already; the patch would create it.`, nextStep);
}

/** A file that will be gone from its name. */
async function refuseLink(roots: Roots, place: Located): Promise<void> {
  if ((await roots.lstat(place))?.type !== "symlink") return;
  const message = `${place.absolute} is a symbolic link; a patch neither removes nor moves it.`;
  throw new PaddockError("not_a_file", message, "Use delete_file or move_file.");
}

async function planDelete(section: Section & { type: "delete" }, context: PlanContext): Promise<PlannedFile> {
  const { roots, limits, expected } = context;
  const place = context.base.locate(section.path);
  roots.checkWritable(place);
  await refuseLink(roots, place);
  const content = await roots.read(place, limits.fileBytes);
  const revision = revisionOf(content);
  checkRevision(place, revision, expected.get(section.path));
  const mode = (await roots.stat(place))?.mode ?? 0o644;
  let match: MatchTier = "exact";
  if (!section.verified) match = verifyDeleted(section, decodeText(content, place.absolute).content, place);
  const changes = [{ place, before: { content, mode, revision }, after: null }];
  return { operation: "delete", place, before: content.toString("utf8"), after: null, match, changes };
}

/** A diff that deletes a file shows its whole content. */
function verifyDeleted(section: Section & { type: "delete" }, content: string, place: Located): MatchTier {
  const { content: left, match } = applyHunks(content, section.hunks, place.absolute);
  if (left === "") return match;
  throw new PaddockError(
    "patch_mismatch",
    `The deletion at line ${section.at} of the patch does not show all of ${place.absolute}: ${left.split("\n").length} lines would be left.`,
    "Read the file again, or use *** Delete File, which needs no content.",
  );
}

async function planUpdate(
  section: Section & { type: "update" },
  context: PlanContext,
  warnings: string[],
): Promise<PlannedFile> {
  const { roots, base, limits, expected } = context;
  const place = base.locate(section.path);
  roots.checkWritable(place);
  if (await createsFile(section, place, roots)) return planCreated(section, context);
  const source = await readSource(roots, place, limits, expected.get(section.path ?? "") ?? onlyOne(section, expected));
  const applied = applyHunks(source.text.content, section.hunks, place.absolute);
  warnings.push(...applied.warnings.slice(0, 50));
  const content = rewritten(source, applied.content, place, limits);
  const mode = newMode(source, section.executable);
  const text = { before: source.text.content, after: applied.content, match: applied.match };
  const to = section.to === undefined ? place : base.locate(section.to);
  if (to.absolute !== place.absolute) {
    const changes = await renamed(section, context, place, source, { content, mode: mode ?? source.mode });
    return { operation: section.copy ? "copy" : "move", place: to, from: place, ...text, changes };
  }
  if (content.equals(source.content) && mode === undefined) {
    throw new PaddockError(
      "no_change",
      `The section at line ${section.at} of the patch changes nothing in ${place.absolute}.`,
    );
  }
  const after = { content, ...(mode === undefined ? {} : { mode }) };
  return { operation: "update", place, ...text, changes: [{ place, before: source, after }] };
}

const onlyOne = ({ path }: Section, expected: ReadonlyMap<string, string>): string | undefined =>
  path === null ? [...expected.values()][0] : undefined;

/** Hunks that only add, to a file that is not there, make it: so some tools write a new file. */
async function createsFile(section: Section & { type: "update" }, place: Located, roots: Roots): Promise<boolean> {
  const [hunk] = section.hunks;
  if (!hunk || section.hunks.length > 1 || section.to !== undefined || hunk.expected !== 0) return false;
  return hunk.lines.every(({ mark }) => mark === "+") && (await roots.lstat(place)) === null;
}

function planCreated(section: Section & { type: "update" }, context: PlanContext): Promise<PlannedFile> {
  const content = section.hunks.flatMap(({ lines }) => lines.map(({ line }) => line)).join("");
  const path = section.path ?? context.base.locate(null).absolute;
  return planAdd({ at: section.at, type: "add", path, content }, context);
}

/** Git knows one bit of a mode: who may read may run, or nobody may run. */
function newMode({ mode }: Source, executable: boolean | undefined): number | undefined {
  if (executable === undefined) return undefined;
  const wanted = executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111;
  return (wanted & 0o777) === (mode & 0o777) ? undefined : wanted & 0o777;
}

async function renamed(
  section: Section & { type: "update" },
  context: PlanContext,
  place: Located,
  source: Source,
  after: { content: Buffer; mode: number },
): Promise<FileChange[]> {
  const to = await newPlace(section.to ?? "", context);
  const created = { place: to, before: null, after: { ...after, mode: after.mode & 0o777 } };
  if (section.copy) return [created];
  await refuseLink(context.roots, place);
  return [created, { place, before: source, after: null }];
}
