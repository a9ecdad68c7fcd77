/** Plans a changed, moved or copied file. */
import { PaddockError, printableLine } from "@paddock/contract";
import type { Located, Roots } from "../../files/roots.ts";
import type { FileChange } from "../commit.ts";
import { type EditLimits, readSource, rewritten, type Source } from "../source.ts";
import { unmarked, wholeText } from "../text.ts";
import { applyHunks } from "./apply.ts";
import type { Hunk, Section } from "./patch.ts";
import { newPlace, planAdd } from "./plan-add.ts";
import { type PlanContext, type PlannedFile, refuseLink, runs } from "./planned.ts";

type Update = Section & { type: "update" };

/** Throws what reading the file and finding its hunks throw, path_exists for the new name, no_change. */
export async function planUpdate(section: Update, context: PlanContext, warnings: string[]): Promise<PlannedFile> {
  const { roots, base, limits, expected } = context;
  const place = await placeOf(section, context);
  if (section.copy !== true) roots.checkWritable(place);
  if (await createsFile(section, place, roots)) return planCreated(section, context);
  const source = await readSource(roots, place, limits, expected.get(section.path ?? "") ?? onlyOne(section, expected));
  const { warnings: noted, content, mode, ...shown } = changed(section, source, place, limits);
  for (const warning of noted) warnings.push(warning);
  const to = section.to === undefined ? place : base.locate(section.to);
  if (to.absolute !== place.absolute) {
    const changes = await renamed(section, context, place, source, { content, mode: mode ?? source.mode });
    return { operation: section.copy ? "copy" : "move", place: to, from: place, ...shown, changes };
  }
  if (mode === undefined) refuseSame(section, place, source, content);
  const after = { content, ...(mode === undefined ? {} : { mode }) };
  return { operation: "update", place, ...shown, changes: [{ place, before: source, after }] };
}

function refuseSame(section: Update, place: Located, source: Source, content: Buffer): void {
  if (!content.equals(source.content)) return;
  const message = `The section at line ${section.at} of the patch changes nothing in ${printableLine(place.absolute)}.`;
  throw new PaddockError("no_change", message);
}

/** Where the old content is. Without git's word for it, two names mean a move only where the new one is free. */
async function placeOf({ path, to, implied }: Update, { base, roots }: PlanContext): Promise<Located> {
  const place = base.locate(path);
  if (implied !== true || to === undefined) return place;
  const other = base.locate(to);
  return (await roots.lstat(other)) === null ? place : other;
}

/** The file with the hunks of the section applied, as it will be written and as it is shown. */
function changed(section: Update, source: Source, place: Located, limits: EditLimits) {
  const hunks = source.text.marked ? section.hunks.map(withoutMark) : section.hunks;
  const applied = applyHunks(source.text.content, hunks, printableLine(place.absolute));
  const mode = newMode(source, section.executable);
  return {
    content: rewritten(source, applied.content, place, limits),
    mode,
    warnings: applied.warnings,
    before: wholeText(source.text),
    after: wholeText({ ...source.text, content: applied.content }),
    executable: { before: runs(source.mode), after: runs(mode ?? source.mode) },
    match: applied.match,
  };
}

const withoutMark = (hunk: Hunk): Hunk => ({
  ...hunk,
  lines: hunk.lines.map(({ mark, line }) => ({ mark, line: unmarked(line) })),
});

const onlyOne = ({ path }: Section, expected: ReadonlyMap<string, string>): string | undefined =>
  path === null ? [...expected.values()][0] : undefined;

/** Hunks that only add, to a file that is not there, make it: so some tools write a new file. */
async function createsFile(section: Update, place: Located, roots: Roots): Promise<boolean> {
  const [hunk] = section.hunks;
  if (!hunk || section.hunks.length > 1 || section.to !== undefined || hunk.expected !== 0) return false;
  return hunk.lines.every(({ mark }) => mark === "+") && (await roots.lstat(place)) === null;
}

function planCreated(section: Update, context: PlanContext): Promise<PlannedFile> {
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
  section: Update,
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
