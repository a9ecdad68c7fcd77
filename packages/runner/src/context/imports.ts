/** Which files an instruction file imports with `@path`. Code in it is not searched, and only documents can be imported. */

const maxImports = 32;
const documents = /\.(?:md|mdc|mdx|markdown|txt|rst|adoc)$/i;

/** Paths as they are written, relative to the importing file, without repetitions. */
export function importsOf(text: string): string[] {
  const found = new Set<string>();
  for (const line of proseOf(text)) {
    for (const [, written] of line.matchAll(/(?:^|\s)@([^\s`"'<>|*]{1,512})/g)) {
      const path = (written ?? "").replace(/[.,;:!?)\]]+$/, "");
      if (documents.test(path) && !path.startsWith("~")) found.add(path);
      if (found.size >= maxImports) return [...found];
    }
  }
  return [...found];
}

function proseOf(text: string): string[] {
  const prose: string[] = [];
  let fence = "";
  for (const line of text.split("\n")) {
    const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence !== "") {
      if (mark.startsWith(fence)) fence = "";
    } else if (mark !== "") {
      fence = mark;
    } else {
      prose.push(line.replace(/`[^`]*`/g, " "));
    }
  }
  return prose;
}
