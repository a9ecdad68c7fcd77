/** Runs in a cage whose /tmp is small: fills it through the roots and prints what came of it, as JSON. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { openRoots } from "./open-roots.ts";

const root = "/tmp/app";
mkdirSync(root);
const roots = openRoots({ roots: [{ path: root, write: true }], hidden: [] });
const at = (path: string) => roots.locate(path, root);
const codes: string[] = [];

async function attempt(act: () => Promise<void>): Promise<void> {
  const code = await act().then(
    () => "ok",
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : String(error)),
  );
  codes.push(code);
}

await attempt(() => roots.write(at("kept"), Buffer.from("old")));
await attempt(() => roots.write(at("kept"), Buffer.alloc(8_000_000, "x")));
await attempt(() => roots.write(at("half"), Buffer.alloc(700_000, "h")));
await attempt(() => roots.copy(at("half"), at("copy"), { overwrite: false }));
await attempt(() => roots.write(at("half"), Buffer.alloc(700_000, "a"), { append: true }));
await attempt(() => roots.write(at("small"), Buffer.from("s")));

console.log(JSON.stringify({ codes, names: readdirSync(root).sort(), kept: readFileSync(`${root}/kept`, "utf8") }));
