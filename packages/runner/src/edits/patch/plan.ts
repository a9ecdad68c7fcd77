/** Works out in memory what a patch does to every file it names. Nothing is written here; one section that fails fails all. */
import { isUtf8 } from "node:buffer";
import { type MatchTier, PaddockError, printableLine } from "@paddock/contract";
import { revisionOf } from "../../files/revision.ts";
import type { Located, Roots } from "../../files/roots.ts";
import { checkRevision } from "../source.ts";
import { decodeText } from "../text.ts";
import { applyHunks } from "./apply.ts";
import type { Section } from "./patch.ts";
import { planAdd } from "./plan-add.ts";
import { planUpdate } from "./plan-update.ts";
import { bothRun, type PlanContext, type PlannedFile, refuseLink, runs } from "./planned.ts";

export interface Plan {
  files: PlannedFile[];
  warnings: string[];
}

const maxWarnings = 50;

/** Throws what makes any section impossible, naming it. */
export async function planPatch(sections: readonly Section[], context: PlanContext): Promise<Plan> {
  refuseUnknownNames(sections, context);
  const plan: Plan = { files: [], warnings: [] };
  const taken = new Map<string, Section>();
  let total = 0;
  for (const section of sections) {
    const file = await planSection(section, context, plan.warnings);
    for (const { place, before, after } of file.changes) {
      if (sections.length > 1) await refuseTwice(context.roots, taken, place, section);
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
  return { ...plan, warnings: shortened(plan.warnings) };
}

function shortened(warnings: readonly string[]): string[] {
  if (warnings.length <= maxWarnings) return [...warnings];
  return [...warnings.slice(0, maxWarnings), `${warnings.length - maxWarnings} more warnings were left out.`];
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
      `Lines ${other.at} and ${section.at} of the patch both change ${printableLine(place.absolute)}.`,
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

async function planDelete(section: Section & { type: "delete" }, context: PlanContext): Promise<PlannedFile> {
  const { roots, limits, expected } = context;
  const place = context.base.locate(section.path);
  roots.checkWritable(place);
  await refuseLink(roots, place);
  const { content, state, real } = await roots.readWithState(place, limits.fileBytes);
  const revision = revisionOf(content);
  checkRevision(place, revision, expected.get(section.path));
  const { mode } = state;
  let match: MatchTier = "exact";
  if (!section.verified)
    match = verifyDeleted(section, decodeText(content, printableLine(place.absolute)).content, place);
  const changes = [{ place, before: { real, content, mode, revision }, after: null }];
  const executable = bothRun(runs(mode));
  return { operation: "delete", place, before: shownText(content), after: null, executable, match, changes };
}

/** What a diff shows of a deleted file: nothing of a binary one. */
const shownText = (content: Buffer): string =>
  content.includes(0) || !isUtf8(content) ? "" : content.toString("utf8");

/** A diff that deletes a file shows its whole content. */
function verifyDeleted(section: Section & { type: "delete" }, content: string, place: Located): MatchTier {
  const { content: left, match } = applyHunks(content, section.hunks, printableLine(place.absolute));
  if (left === "") return match;
  throw new PaddockError(
    "patch_mismatch",
    `The deletion at line ${section.at} of the patch does not show all of ${printableLine(place.absolute)}: ${left.split("\n").length} lines would be left.`,
    "Read the file again, or use *** Delete File, which needs no content.",
  );
}
