/** The tree that is worked in: 50,000 files with 300 MB of text, the same every time, as a git repository. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folders = 500;
const filesPerFolder = 100;
const meanBytes = 6_000;
const words =
  "let const open read write close value list path name file tree hash call run gate link of in to from".split(" ");

/** Stands once in the whole tree. */
export const needle = "a_needle_in_fifty_thousand_files";
export const kilobyteFile = "one-kilobyte.ts";
export const megabyteFile = "one-megabyte.ts";

export function makeTree(root: string): void {
  const random = randomNumbers(1);
  const text = textOf(random, 1_200_000);
  for (let folder = 0; folder < folders; folder += 1) {
    const path = join(root, `part-${folder % 20}`, `module-${folder}`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < filesPerFolder; file += 1) {
      writeFileSync(join(path, `file-${file}.ts`), cutFrom(text, random));
    }
  }
  writeFileSync(join(root, "part-7", "module-247", "file-42.ts"), `export const ${needle} = 1;\n`);
  writeFileSync(join(root, kilobyteFile), text.subarray(0, 1_000));
  writeFileSync(join(root, megabyteFile), text.subarray(0, 1_000_000));
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "-A");
  git(root, "-c", "user.name=Bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "A tree to work in");
}

const git = (root: string, ...args: string[]): void =>
  void execFileSync("git", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });

/** Numbers from 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Lines as in source code: words, quotes and indentation. */
function textOf(random: () => number, bytes: number): Buffer {
  const pick = () => words[Math.floor(random() * words.length)];
  let text = "";
  while (text.length < bytes) {
    const line = Array.from({ length: 4 + Math.floor(random() * 6) }, pick).join(" ");
    text += `${"  ".repeat(Math.floor(random() * 4))}${line}("${pick()}-${Math.floor(random() * 1e6)}");\n`;
  }
  return Buffer.from(text);
}

/** Half to one and a half of the mean length, from a random line on. */
function cutFrom(text: Buffer, random: () => number): Buffer {
  const length = Math.floor(meanBytes * (0.5 + random()));
  const start = text.indexOf(10, Math.floor(random() * (text.length - 2 * meanBytes))) + 1;
  return text.subarray(start, start + length);
}
