/**
 * What the owner has approved by its content. Hooks, skill scripts and tool lists that did not come from the owner do
 * nothing until the owner has approved the hash of what they say; one changed byte makes a new hash.
 *
 * The store is one file in the runner's state folder, with a copy of all that waits beside it: what the owner looks at is
 * what the hash stands for, whatever has happened to the original since. Only the owner reaches either, through the
 * control socket.
 */
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PaddockError, visible } from "@paddock/contract";
import * as z from "zod";
import { type KeptFile, keptFile } from "../kept-file.ts";
import { previewOf } from "./preview.ts";

const contentKinds = ["skill", "hooks", "tool_list"] as const;
export type ContentKind = (typeof contentKinds)[number];

const entry = z.object({
  kind: z.enum(contentKinds),
  /** Where it was met, for the owner to recognise. */
  path: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The first lines, control characters made visible. */
  preview: z.string(),
  /** File with the whole text, while it waits. */
  copy: z.string(),
  at: z.string(),
});
export type ContentEntry = z.infer<typeof entry>;

const store = z.object({ version: z.literal(1), approved: z.array(entry), pending: z.array(entry) });

export interface Content {
  kind: ContentKind;
  path: string;
  hash: string;
  /** All that the hash stands for, as the owner should read it. */
  text: string;
}

export interface ContentApprovals {
  isApproved(kind: ContentKind, hash: string): boolean;
  /** Null for approved content; otherwise asks the owner and gives the `inert` failure with the command that approves it. */
  refusal(content: Content): PaddockError | null;
  list(): { approved: readonly ContentEntry[]; pending: readonly ContentEntry[] };
  /** Approves what has been asked for; throws not_found for any other hash. */
  approve(hash: string): ContentEntry;
  /** Takes an approval or a question back; throws not_found when there is none. */
  forget(hash: string): ContentEntry;
}

const maxPending = 64;
const maxCopyCharacters = 1024 * 1024;

/** Hash of content in the sense of an approval: bound to its kind, every part delimited. */
export function contentHash(kind: ContentKind, parts: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256").update(kind);
  for (const part of parts) {
    hash.update(`\0${typeof part === "string" ? Buffer.byteLength(part) : part.byteLength}\0`).update(part);
  }
  return hash.digest("hex");
}

export function openContentApprovals(file: string, now: () => Date = () => new Date()): ContentApprovals {
  return new ContentStore(file, now);
}

class ContentStore implements ContentApprovals {
  readonly #file: string;
  readonly #kept: KeptFile<z.infer<typeof store>>;
  readonly #now: () => Date;
  readonly #approved: ContentEntry[];
  readonly #pending: ContentEntry[];

  constructor(file: string, now: () => Date) {
    this.#file = file;
    this.#now = now;
    this.#kept = keptFile(file, store, "Remove the file; what it approved has to be approved again.");
    const { approved, pending } = this.#kept.read() ?? { approved: [], pending: [] };
    this.#approved = approved;
    this.#pending = pending;
  }

  isApproved(kind: ContentKind, hash: string): boolean {
    return this.#approved.some((one) => one.hash === hash && one.kind === kind);
  }

  refusal(content: Content): PaddockError | null {
    if (this.isApproved(content.kind, content.hash)) return null;
    this.#ask(content);
    return new PaddockError(
      "inert",
      `${content.path} is not approved: it does nothing until the owner has approved its content.`,
      `Ask the owner to look at it and to run \`paddock approve --content ${content.hash}\` on the machine.`,
    );
  }

  list(): { approved: readonly ContentEntry[]; pending: readonly ContentEntry[] } {
    return { approved: [...this.#approved], pending: [...this.#pending] };
  }

  approve(hash: string): ContentEntry {
    const already = this.#approved.find((one) => one.hash === hash);
    if (already) return already;
    const given = { ...take(this.#pending, hash), at: this.#now().toISOString() };
    this.#approved.push(given);
    this.#save();
    rmSync(given.copy, { force: true });
    return given;
  }

  forget(hash: string): ContentEntry {
    const isApproved = this.#approved.some((one) => one.hash === hash);
    const gone = take(isApproved ? this.#approved : this.#pending, hash);
    this.#save();
    rmSync(gone.copy, { force: true });
    return gone;
  }

  #ask({ kind, path, hash, text }: Content): void {
    if (this.#pending.some((one) => one.hash === hash)) return;
    const copy = join(dirname(this.#file), "wanted", `${hash}.txt`);
    mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
    writeFileSync(copy, copyOf(text), { mode: 0o600 });
    this.#pending.push({ kind, path, hash, preview: previewOf(text), copy, at: this.#now().toISOString() });
    const dropped = this.#pending.length > maxPending ? this.#pending.shift() : undefined;
    this.#save();
    if (dropped) rmSync(dropped.copy, { force: true });
  }

  #save(): void {
    this.#kept.write({ version: 1, approved: this.#approved, pending: this.#pending });
  }
}

/** What is left out is counted here too: who approves has to know that there is more than can be read. */
function copyOf(text: string): string {
  const left = text.length - maxCopyCharacters;
  const kept = visible(text.slice(0, maxCopyCharacters));
  return left > 0
    ? `${kept}\n[${left} more characters are NOT shown: read the original before you approve it]\n`
    : kept;
}

function take(list: ContentEntry[], hash: string): ContentEntry {
  const at = list.findIndex((one) => one.hash === hash);
  const [found] = at < 0 ? [] : list.splice(at, 1);
  if (found) return found;
  throw new PaddockError(
    "not_found",
    "No content with this hash waits for approval.",
    "List what waits with `paddock approve`.",
  );
}
