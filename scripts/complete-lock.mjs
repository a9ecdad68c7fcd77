/**
 * `node scripts/complete-lock.mjs`, after a package was added: enters into package-lock.json the packages for other
 * systems that the registry in use does not carry.
 *
 * npm leaves an optional package that it cannot see out of the lockfile and then refuses the lockfile as incomplete,
 * wherever it is used. The versions are exact in the packages that want them, and so they are here; the system and
 * processor are those that the name says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../package-lock.json", import.meta.url));
const systems = new Set([
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
]);
const processors = new Set(["arm", "arm64", "ia32", "loong64", "ppc64", "riscv64", "s390x", "wasm32", "x64"]);
const exactVersion = /^\d+\.\d+\.\d+[\w.+-]*$/;

/** The C library that a package for Linux is built for. */
function libcOf(parts) {
  if (parts.some((part) => part.startsWith("musl"))) return ["musl"];
  if (parts.includes("linux") && parts.some((part) => part.startsWith("gnu"))) return ["glibc"];
  return undefined;
}

function entryFor(name, version, wantedBy) {
  const parts = name.split(/[/-]/);
  const cpu = parts.filter((part) => processors.has(part));
  const os = parts.filter((part) => systems.has(part));
  if (os.length === 0) throw new Error(`The name of ${name} says no system. Enter it by hand.`);
  const libc = libcOf(parts);
  return { version, cpu, ...(wantedBy.dev ? { dev: true } : {}), ...(libc ? { libc } : {}), optional: true, os };
}

const lock = JSON.parse(readFileSync(file, "utf8"));
const added = {};
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = lock.packages[`${place}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
    if (known || !exactVersion.test(version)) continue;
    added[`node_modules/${name}`] = entryFor(name, version, entry);
  }
}
const byPlace = ([a], [b]) => (a < b ? -1 : 1);
lock.packages = Object.fromEntries(Object.entries({ ...lock.packages, ...added }).sort(byPlace));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${Object.keys(added).length} packages for other systems entered.\n`);
