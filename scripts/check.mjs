/**
 * `npm run check`: everything about the sources that a tool can tell without running them. All tools run at once; each
 * is reported in one line, and the words of those that found something follow.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name) => join(root, "node_modules", ".bin", name);
const packagedNode = bin("node");
const node = existsSync(packagedNode) ? packagedNode : process.execPath;

/** name, what it holds, command line, words in its output that mean it saw nothing */
const checks = [
  { name: "types", argv: [join(root, "node_modules", "@typescript", "native", "bin", "tsc"), "-p", "."] },
  { name: "style", argv: [bin("biome"), "check", "--error-on-warnings", "--max-diagnostics=100", "."] },
  {
    name: "imports",
    argv: [bin("depcruise"), "--config", ".dependency-cruiser.cjs", "-T", "err-long", "packages"],
    blind: "(0 modules",
  },
  { name: "dead code", argv: [bin("knip"), "--no-progress", "--no-config-hints"] },
  { name: "generated docs", argv: [node, "scripts/generate/main.ts", "--check"] },
];

function run({ name, argv, blind }) {
  const [program, ...args] = argv;
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => output.push(Buffer.from(`${program}: ${error.message}\n`)));
    child.on("close", (code) => {
      const text = Buffer.concat(output).toString();
      const sawNothing = blind !== undefined && text.includes(blind);
      const seconds = (performance.now() - started) / 1000;
      resolve({
        name,
        text: sawNothing ? `${text}It looked at no file.\n` : text,
        ok: code === 0 && !sawNothing,
        seconds,
      });
    });
  });
}

const results = await Promise.all(checks.map(run));
for (const { name, text, ok } of results) {
  if (!ok) process.stdout.write(`\n--- ${name}\n${text.trim()}\n\n`);
}
for (const { name, ok, seconds } of results) {
  process.stdout.write(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(16)} ${seconds.toFixed(1)} s\n`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
