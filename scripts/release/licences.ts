/** The licences of the packages that a release stands on, each text once. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LockedPackages } from "./locked.ts";

const names = ["LICEN[CS]E*", "licen[cs]e*", "COPYING*", "NOTICE*"];

/** As a page. Packages for other systems are not installed here; they carry their text themselves. */
export function licencesPage(root: string, packages: LockedPackages): string {
  const holders = new Map<string, string[]>();
  const without: string[] = [];
  for (const [place, { version, license }] of Object.entries(packages)) {
    if (place === "") continue;
    const title = `${place.replace(/^.*node_modules\//, "")} ${version} (${license ?? "see its own files"})`;
    const text = textOf(join(root, place));
    if (text === "") without.push(title);
    else holders.set(text, [...(holders.get(text) ?? []), title]);
  }
  const sections = [...holders].map(([text, titles]) => `## ${titles.join("\n## ")}\n\n\`\`\`\`\n${text}\n\`\`\`\`\n`);
  return [
    "# Licences of other packages\n",
    "Paddock itself is under the MIT licence, in LICENSE. It stands on the packages below.\n",
    ...sections,
    "## Without a file of their own, or for other systems\n",
    ...without.map((title) => `- ${title}`),
    "",
  ].join("\n");
}

function textOf(folder: string): string {
  const files = [...new Set(names.flatMap((name) => globSync(name, { cwd: folder })))].sort();
  return files.map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim()).join("\n\n");
}
