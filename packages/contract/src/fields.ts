/** Fields that many tools share, so that they read alike everywhere. */
import * as z from "zod";

export const pathField = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes("\0"), "A path cannot contain a NUL byte.");

/** Where something is to be started; what is wrong with it is said by codes of its own. */
export const workingDirectoryField = z.string().max(4096);

export const dryRunField = z.boolean().default(false).describe("Show what would change and change nothing.");
export const revisionField = z
  .string()
  .max(80)
  .optional()
  .describe("Refuse unless the file still has this revision, as an earlier read or edit returned it.");
export const timeoutField = z.number().int().min(1).max(3600);

/** When something happened: RFC 3339 in UTC with milliseconds. */
export const timestamp = z.string();
export const revision = z.string().describe("Hash of the content; give it back as expected_revision.");
export const unifiedDiff = z.string();
export const checkpointRef = z.string().nullable().describe("Undo with rewind; null when nothing was kept.");

/** A hook that ran after an edit, and what it said. */
export const postEditHook = z.object({
  glob: z.string(),
  command: z.string(),
  exit_code: z.number().int().nullable(),
  output: z.string(),
  timed_out: z.boolean(),
});
export type PostEditHook = z.infer<typeof postEditHook>;

/** How closely text had to match, strictest first. */
export const matchTiers = ["exact", "line_endings", "trailing_space", "indentation", "punctuation"] as const;
export type MatchTier = (typeof matchTiers)[number];
