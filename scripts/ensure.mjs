/**
 * Installs the packages when they are missing or differ from the lockfile. Runs before `npm start`, `npm test` and the
 * other scripts, so a clone needs no separate install step.
 *
 * Plain JavaScript without dependencies, because it runs before there are any, on whatever Node the machine has (20 or
 * later). The packages bring Node 24 along; npm puts it first on PATH for the script that follows.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const oldestNode = [24, 2];
const lockWaitSeconds = 600;

const root = fileURLToPath(new URL("..", import.meta.url));
const stampFile = join(root, "node_modules", ".paddock-installed");
const lockFile = join(root, ".install-lock");
const packagedNode = join(root, "node_modules", ".bin", "node");
const nodePackage = `node-linux-${process.arch}`;
const bringsNode = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);

class SetupError extends Error {}

const say = (text) => process.stderr.write(`paddock: ${text}\n`);

/** What the packages depend on: the lockfile and the kind of machine their binaries are for. */
function wantedStamp() {
  const lock = join(root, "package-lock.json");
  if (!existsSync(lock)) throw new SetupError(`${lock} is missing. Restore it: git checkout -- package-lock.json`);
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex");
  return `${hash} ${process.platform} ${process.arch}\n`;
}

const isInstalled = (stamp) => existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;

/** The npm that runs this script, under the Node that runs it; else the one on PATH. */
function npmCommand() {
  const npm = process.env.npm_execpath;
  if (npm && basename(npm).startsWith("npm-cli")) return [process.env.npm_node_execpath ?? process.execPath, npm];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

function install() {
  const [program, ...before] = npmCommand();
  const flags = ["--ignore-scripts", "--include=dev", "--include=optional", "--engine-strict=false"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const { status, signal, error } = spawnSync(program, [...before, "ci", ...flags, ...quiet], {
    cwd: root,
    stdio: ["ignore", 2, 2], // what npm says is not the answer of the command that was asked for
    shell: program === "npm.cmd",
  });
  if (error) throw new SetupError(`npm could not be started (${error.message}). Install npm 10 or later.`);
  if (signal) throw new SetupError(`npm was ended by ${signal}. Run the same command again.`);
  if (status !== 0) {
    throw new SetupError(
      `npm could not install the packages (exit code ${status}); its own words are above. Check the network, the free ` +
        `space and the owner of ${join(root, "node_modules")}, then run the same command again.`,
    );
  }
}

/** Only where no packaged Node serves does the machine's own matter. */
function checkOwnNode(why) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old, and ${why} (${process.platform} ${process.arch}). Install Node ` +
      `${oldestNode.join(".")} or later, then run the same command again.`,
  );
}

/**
 * Sees to it that scripts find the packaged Node, which npm 10 leaves unlinked: it takes away the link of the package for
 * the other processor, which has the same name. One that this machine cannot run (musl, an old C library) gives way to
 * the machine's own.
 */
function checkPackagedNode() {
  const program = join("..", nodePackage, "bin", "node");
  if (!existsSync(packagedNode) && existsSync(join(root, "node_modules", ".bin", program))) {
    symlinkSync(program, packagedNode);
  }
  if (spawnSync(packagedNode, ["--version"], { stdio: "ignore" }).status === 0) return;
  rmSync(packagedNode, { force: true });
  checkOwnNode("the packaged one does not run on this system");
}

const sleep = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The process that holds the lock, 0 when there is none. */
function lockHolder() {
  try {
    return Number.parseInt(readFileSync(lockFile, "utf8"), 10) || 0;
  } catch (error) {
    if (error.code === "ENOENT") return 0;
    throw error;
  }
}

/** Takes the lock when it is free. The name and the holder's id appear in one step: a half-written lock never shows. */
function tryLock() {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, `${process.pid}\n`);
  try {
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes the lock of a process that is gone, and of no other: a rival may have replaced it in the meantime. */
function dropStaleLock(holder) {
  const aside = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, aside);
    if (Number.parseInt(readFileSync(aside, "utf8"), 10) !== holder) linkSync(aside, lockFile);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Waits for its turn. True with the lock held; false when another process has done the work meanwhile. */
function lockOrSeeItDone(stamp) {
  let waited = 0;
  while (!tryLock()) {
    const holder = lockHolder();
    if (holder && !isAlive(holder)) {
      dropStaleLock(holder);
      continue;
    }
    if (waited === 0) say(`waiting for another installation in this folder (process ${holder}) ...`);
    if (waited >= lockWaitSeconds * 1000) {
      throw new SetupError(`Process ${holder} has been installing for too long. End it, or delete ${lockFile}.`);
    }
    sleep(200);
    waited += 200;
    if (isInstalled(stamp) && lockHolder() === 0) return false;
  }
  return true;
}

function ensure() {
  const stamp = wantedStamp();
  if (isInstalled(stamp)) return;
  if (!lockOrSeeItDone(stamp)) return;
  try {
    if (isInstalled(stamp)) return;
    say("installing packages (once; about a minute on a fresh machine) ...");
    const started = Date.now();
    if (!bringsNode) checkOwnNode("none is packaged for this system");
    install();
    if (bringsNode) checkPackagedNode();
    writeFileSync(stampFile, stamp);
    say(`packages installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  } finally {
    rmSync(lockFile, { force: true });
  }
}

try {
  ensure();
} catch (error) {
  if (!(error instanceof SetupError) && !error.syscall) throw error;
  say(error.message);
  process.exitCode = 1;
}
