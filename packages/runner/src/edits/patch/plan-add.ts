/** Plans a new file. */
import { PaddockError, printableLine } from "@paddock/contract";
import type { Located } from "../../files/roots.ts";
import { checkSize } from "../source.ts";
import type { Section } from "./patch.ts";
import { bothRun, type PlanContext, type PlannedFile } from "./planned.ts";

/** Throws path_exists, file_too_large, and what the place forbids. */
export async function planAdd(section: Section & { type: "add" }, context: PlanContext): Promise<PlannedFile> {
  const place = await newPlace(section.path, context);
  const content = Buffer.from(section.content, "utf8");
  checkSize(content.length, place, context.limits);
  const after = { content, ...modeOf(section.executable) };
  const changes = [{ place, before: null, after }];
  const executable = bothRun(section.executable === true);
  return { operation: "add", place, before: null, after: section.content, executable, match: "exact", changes };
}

const modeOf = (executable: boolean | undefined): { mode?: number } => (executable ? { mode: 0o755 } : {});

/** Where a new file goes. Throws path_exists. */
export async function newPlace(path: string, { roots, base }: PlanContext): Promise<Located> {
  const place = base.locate(path);
  roots.checkWritable(place);
  if ((await roots.lstat(place)) === null) return place;
  const nextStep = "Update the file instead, delete or move it first, or choose another name.";
  throw new PaddockError(
    "path_exists",
    `${printableLine(place.absolute)} exists already; the patch would create it.`,
    nextStep,
  );
}
