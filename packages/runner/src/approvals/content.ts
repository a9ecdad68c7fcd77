/**
 * What the owner has approved by its content. Hooks, skill scripts and tool lists that did not come from the owner do
 * nothing until the owner has approved the hash of what they say; one changed byte makes a new hash.
 *
 * The store is one file in the runner's state folder. Only the owner reaches it, through the control socket.
 */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { PaddockError } from "@paddock/contract";
import * as z from "zod";

export const contentKinds = ["skill", "hooks", "tool_list"] as const;
export type ContentKind = (typeof contentKinds)[number];

const entry = z.object({
  kind: z.enum(contentKinds),
  /** Where it was met, for the owner to recognise. */
  path: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The first lines, control characters made visible. */
  preview: z.string(),
  at: z.string(),
});
export type ContentEntry = z.infer<typeof entry>;

const store = z.object({ version: z.literal(1), approved: z.array(entry), pending: z.array(entry) });

export interface Content {
  kind: ContentKind;
  path: string;
  hash: string;
  text: string;
}

export interface ContentApprovals {
  isApproved(kind: ContentKind, hash: string): boolean;
  /** Notes that this content is wanted, so that the owner can look at it and approve it. */
  ask(content: Content): void;
  /** Does nothing for approved content; otherwise asks and throws `inert` with the command that approves it. */
  require(content: Content): void;
  list(): { approved: readonly ContentEntry[]; pending: readonly ContentEntry[] };
  /** Approves what has been asked for; throws not_found for any other hash. */
  approve(hash: string): ContentEntry;
  /** Takes an approval or a question back; throws not_found when there is none. */
  forget(hash: string): ContentEntry;
}

const maxPending = 64;
const previewLines = 20;
const previewCharacters = 2000;

/** Hash of content in the sense of an approval: bound to its kind, every part delimited. */
export function contentHash(kind: ContentKind, parts: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256").update(kind);
  for (const part of parts) {
    hash.update(`\0${typeof part === "string" ? Buffer.byteLength(part) : part.byteLength}\0`).update(part);
  }
  return hash.digest("hex");
}

export const approveCommand = (hash: string): string => `paddock approve --content ${hash}`;

export function openContentApprovals(file: string, now: () => Date = () => new Date()): ContentApprovals {
  const { approved, pending } = load(file);

  const known = (kind: ContentKind, hash: string) => approved.some((one) => one.hash === hash && one.kind === kind);

  function save(): void {
    const next = `${file}.next`;
    writeFileSync(next, `${JSON.stringify({ version: 1, approved, pending }, null, 2)}\n`, { mode: 0o600 });
    renameSync(next, file);
  }

  function ask({ kind, path, hash, text }: Content): void {
    if (pending.some((one) => one.hash === hash)) return;
    pending.push({ kind, path, hash, preview: previewOf(text), at: now().toISOString() });
    if (pending.length > maxPending) pending.shift();
    save();
  }

  return {
    isApproved: known,
    ask,
    require(content) {
      if (known(content.kind, content.hash)) return;
      ask(content);
      throw new PaddockError(
        "inert",
        `${content.path} is not approved: what comes with a workspace does nothing until the owner has approved its content.`,
        `Ask the owner to look at it and to run \`${approveCommand(content.hash)}\` on the machine.`,
      );
    },
    list: () => ({ approved: [...approved], pending: [...pending] }),
    approve(hash) {
      const already = approved.find((one) => one.hash === hash);
      if (already) return already;
      const wanted = take(pending, hash);
      const given = { ...wanted, at: now().toISOString() };
      approved.push(given);
      save();
      return given;
    },
    forget(hash) {
      const gone = take(approved.some((one) => one.hash === hash) ? approved : pending, hash);
      save();
      return gone;
    },
  };
}

function load(file: string): { approved: ContentEntry[]; pending: ContentEntry[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { approved: [], pending: [] };
    throw error;
  }
  try {
    return store.parse(JSON.parse(text));
  } catch {
    throw new PaddockError(
      "invalid_config",
      `${file} is damaged.`,
      "Remove the file; what it approved has to be approved again.",
    );
  }
}

function take(list: ContentEntry[], hash: string): ContentEntry {
  const at = list.findIndex((one) => one.hash === hash);
  const [found] = at < 0 ? [] : list.splice(at, 1);
  if (!found)
    throw new PaddockError(
      "not_found",
      "No content with this hash waits for approval.",
      "List what waits with `paddock approve`.",
    );
  return found;
}

/** Nothing here may steer a terminal or hide text: control, bidirectional and zero-width characters are shown as escapes. */
function previewOf(text: string): string {
  const lines = text.slice(0, previewCharacters).split("\n").slice(0, previewLines);
  return lines.join("\n").replace(hidden, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`);
}

const hidden = /[^\P{C}\n\t]/gu;
