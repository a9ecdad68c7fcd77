/**
 * The sources as they are released: the same files in the same places, as JavaScript. Node does not strip types below
 * `node_modules`, so it is done here, by the same means. What is taken away becomes blanks and `.ts` becomes `.js`, so lines and
 * columns stay, and what runs is what was tested.
 */
import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

/** The name under which a source is released. */
export const releasedName = (path: string): string => path.replace(/[.]ts$/, ".js");

/** A file of the repository as it is released. `imports` are the names that the released package resolves. */
export function releasedText(root: string, path: string, imports: Readonly<Record<string, string>>): string {
  const source = readFileSync(join(root, path), "utf8");
  const text = withReleasedNames(source, join(root, path), imports);
  return path.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
}

const fileNames = /(["'`])([^"'`\n]*)[.]ts\1/g;
const packageNames = /(["'])@paddock\/([\w/-]+)\1/g;

/** Other files are named by what they are called then, other parts by the package's own imports. Nothing changes its length. */
function withReleasedNames(source: string, file: string, imports: Readonly<Record<string, string>>): string {
  return source
    .replace(fileNames, (whole, quote, name) => {
      if (name.includes("${")) throw new Error(`${file} puts the name of a source together, ${whole}: write it out.`);
      return existsSync(join(dirname(file), `${name}.ts`)) ? `${quote}${name}.js${quote}` : whole;
    })
    .replace(packageNames, (_, quote, name) => {
      if (!(`#paddock/${name}` in imports))
        throw new Error(`${file} imports @paddock/${name}, which no package exports.`);
      return `${quote}#paddock/${name}${quote}`;
    });
}

const references = [
  /\b(?:from|import)\s*\(?\s*["']([.][\w./-]*[\w-][.]\w+)["']/g,
  /\bnew URL\(\s*["']([\w./-]*[\w-][.]\w+)["'],\s*import[.]meta[.]url/g,
];

/** The files that a released text names, from its own folder on; to see that none was left out. */
export const namedFiles = (text: string): string[] =>
  references.flatMap((reference) => [...text.matchAll(reference)].map((found) => found[1] ?? ""));
