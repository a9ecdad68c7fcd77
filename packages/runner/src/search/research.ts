/** Search by words and fetching of what was found, as research modes of chat clients want it. */
import { pathToFileURL } from "node:url";
import { PaddockError, printableLine } from "@paddock/contract";
import type { OutputOf } from "@paddock/contract/tools";
import { readText } from "../files/read-text.ts";
import type { Call } from "../tools/handler.ts";
import { baseOf, type Ripgrep, search } from "./ripgrep.ts";
import { pathShower } from "./shown-path.ts";

const mostResults = 20;
const mostWords = 8;
const mostCandidates = 20_000;
/** A file that mentions the words more often than this is not found sooner. */
const countedMentions = 20;
const nameWorth = 25;
/** Most text of a file in one answer. */
const mostFetchedBytes = 100_000;

export async function searchWorkspace(ripgrep: Ripgrep, query: string, call: Call): Promise<OutputOf<"search">> {
  const words = wordsOf(query);
  if (words.length === 0) return { results: [] };
  const [byContent, byName] = await Promise.all([mentions(ripgrep, words, call), names(ripgrep, words, call)]);
  const worth = new Map(byContent);
  for (const [path, value] of byName) worth.set(path, (worth.get(path) ?? 0) + value);
  const best = [...worth].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, mostResults);
  return { results: best.map(([path]) => resultFor(path, call)) };
}

/** Words of a question that are in every text and tell nothing. */
const empty = new Set(
  "a an and are can do does for from has have how i in into is it its me my of on or our the this that there to was we what when where which who why will with you your".split(
    " ",
  ),
);

/** The longest words of the query, as they are likely to tell most. */
function wordsOf(query: string): string[] {
  const words = [...new Set(query.toLowerCase().match(/[\p{L}\p{N}_][\p{L}\p{N}_.-]*/gu) ?? [])];
  const telling = words.filter((word) => !empty.has(word));
  return (telling.length > 0 ? telling : words).sort((a, b) => b.length - a.length).slice(0, mostWords);
}

const plainFilter = { includeHidden: false, includeIgnored: false };

/** Files that hold the words, with how many lines do. */
async function mentions(ripgrep: Ripgrep, words: readonly string[], call: Call): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const base = await workspaceBase(call);
  const shown = pathShower(base.directory, call.workspace);
  await search(ripgrep, call, {
    base,
    options: [
      "--null",
      "--count",
      "--with-filename",
      "--ignore-case",
      "--fixed-strings",
      ...words.map((word) => `--regexp=${word}`),
    ],
    filter: plainFilter,
    recordEnd: 10,
    looksInside: true,
    receive(record) {
      const nul = record.indexOf(0);
      if (nul === -1) return true;
      found.set(
        shown(record.toString("utf8", 0, nul)),
        Math.min(countedMentions, Number(record.toString("latin1", nul + 1))),
      );
      return found.size < mostCandidates;
    },
  });
  return found;
}

/** Files whose path holds the words, with what that is worth. */
async function names(ripgrep: Ripgrep, words: readonly string[], call: Call): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const base = await workspaceBase(call);
  const shown = pathShower(base.directory, call.workspace);
  await search(ripgrep, call, {
    base,
    options: ["--files", "--null"],
    filter: plainFilter,
    recordEnd: 0,
    receive(record) {
      const path = shown(record.toString("utf8"));
      const lower = path.toLowerCase();
      const hits = words.filter((word) => lower.includes(word)).length;
      if (hits > 0) found.set(path, hits * nameWorth);
      return found.size < mostCandidates;
    },
  });
  return found;
}

const workspaceBase = (call: Call) => baseOf(call.roots, call.roots.locate(call.workspace, call.workspace));

const resultFor = (path: string, call: Call) => ({
  id: path,
  title: printableLine(path),
  url: pathToFileURL(call.roots.locate(path, call.workspace).absolute).href,
});

/** What follows the path in the id of a part. */
const partMark = /#line=(\d{1,9})$/;

export async function fetchFile(id: string, call: Call): Promise<OutputOf<"fetch">> {
  const { path, line } = await partOf(id, call);
  const place = call.roots.locate(path, call.workspace);
  const read = await readText(call.roots, place, { offset: line }, call.signal, mostFetchedBytes);
  if ("image" in read)
    throw new PaddockError(
      "binary_file",
      `This is an image: ${printableLine(path)}`,
      "Use read_text_file, which shows images.",
    );
  const next = read.nextOffset;
  const more: Record<string, string> = next === null ? {} : { next_id: `${path}#line=${next}` };
  const metadata = { size: `${read.size}`, first_line: `${line}`, truncated: `${read.truncated}`, ...more };
  return { ...resultFor(path, call), id, text: read.bytes.toString(), metadata };
}

/** The path in an id. */
export const withoutPart = (id: string): string => id.replace(partMark, "");

/** A file's own name may end like a mark: what exists under the whole id is meant. */
async function partOf(id: string, { roots, workspace }: Call): Promise<{ path: string; line: number }> {
  const mark = partMark.exec(id);
  if (mark === null || (await roots.stat(roots.locate(id, workspace))) !== null) return { path: id, line: 1 };
  return { path: withoutPart(id), line: Math.max(1, Number(mark[1])) };
}
