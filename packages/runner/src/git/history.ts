/** Differences and commits, in pages. */
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Outcome, Place } from "../tools/handler.ts";
import { type GitParts, git, inspect, pathspecs, refuseOption } from "./repository.ts";

const diffPageBytes = 200_000;
const mostDiffBytes = 256 * 1024 * 1024;
/** No program, no odd prefix: what is shown can be applied. */
const plainDiff = ["diff", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short"];

export async function diff(
  parts: GitParts,
  place: Place,
  { path, staged, file, offset }: InputOf<"git_diff">,
): Promise<Outcome<OutputOf<"git_diff">>> {
  const repository = await inspect(parts, place, path);
  const page = new Page(offset, diffPageBytes);
  const only = file === undefined ? [] : pathspecs(repository, [file]);
  await git(parts, repository, {
    args: [...plainDiff, ...(staged ? ["--cached"] : []), "--", ...only],
    write: false,
    maxBytes: 1024,
    onStdout: (chunk) => page.take(chunk),
  });
  const text = page.text();
  const data = { diff: text, truncated: page.more, next_offset: page.more ? page.end : null };
  if (text === "" && !page.more) return { summary: staged ? "Nothing is staged" : "No changes", data };
  const files = text.match(/^diff --git /gm)?.length ?? 0;
  return { summary: `Changes in ${files} ${files === 1 ? "file" : "files"}${page.more ? ", more to come" : ""}`, data };
}

/** A window on a stream of bytes, ending between two lines where it can. */
class Page {
  readonly #start: number;
  readonly #size: number;
  readonly #chunks: Buffer[] = [];
  #seen = 0;
  #kept = 0;
  more = false;

  constructor(start: number, size: number) {
    this.#start = start;
    this.#size = size;
  }

  /** False when enough was seen. */
  take(chunk: Buffer): boolean {
    const from = Math.max(0, this.#start - this.#seen);
    this.#seen += chunk.length;
    if (from >= chunk.length) return this.#seen < mostDiffBytes;
    const part = chunk.subarray(from, from + this.#size - this.#kept);
    this.#chunks.push(part);
    this.#kept += part.length;
    this.more = from + part.length < chunk.length;
    if (this.more) this.#cutAtLine();
    return !this.more;
  }

  get end(): number {
    return this.#start + this.#kept;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  #cutAtLine(): void {
    const whole = Buffer.concat(this.#chunks);
    const line = whole.lastIndexOf(0x0a) + 1;
    const kept = line > 0 ? whole.subarray(0, line) : whole;
    this.#chunks.splice(0, this.#chunks.length, kept);
    this.#kept = kept.length;
  }
}

const logFormat = "--format=%H%x00%an <%ae>%x00%cI%x00%s";

export async function log(
  parts: GitParts,
  place: Place,
  { path, count, skip, ref, file }: InputOf<"git_log">,
): Promise<Outcome<OutputOf<"git_log">>> {
  const repository = await inspect(parts, place, path);
  if (ref === undefined && repository.head === null)
    return { summary: "No commits yet", data: { commits: [], truncated: false } };
  const { stdout, truncated } = await git(parts, repository, {
    args: [
      "log",
      "-z",
      "--no-show-signature",
      "--no-color",
      logFormat,
      `--max-count=${count + 1}`,
      `--skip=${skip}`,
      "--end-of-options",
      refuseOption("ref", ref ?? "HEAD"),
      "--",
      ...(file === undefined ? [] : pathspecs(repository, [file])),
    ],
    write: false,
  });
  const fields = stdout.toString("utf8").split("\0");
  const commits: OutputOf<"git_log">["commits"] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [hash = "", author = "", date = "", subject = ""] = fields.slice(at, at + 4);
    commits.push({ hash, author, date: new Date(date).toISOString(), subject });
  }
  const shown = commits.slice(0, count);
  const more = truncated || commits.length > count;
  return {
    summary: `${shown.length} ${shown.length === 1 ? "commit" : "commits"}${more ? `, more with skip ${skip + shown.length}` : ""}`,
    data: { commits: shown, truncated: more },
  };
}
