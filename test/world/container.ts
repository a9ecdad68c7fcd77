/**
 * Images and containers of the engine that the tests have. None can be fetched: in the place of a distribution's image stands
 * one made of this machine's own programs, whose package manager has nothing left to install.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { repository } from "../sources.ts";

/** What packaging/Dockerfile calls, and Paddock and its cages. */
const programs = [
  ...["groupadd", "install", "ln", "mkdir", "rm", "tini", "useradd"],
  ...["bash", "bwrap", "cat", "chmod", "cp", "cut", "date", "env", "find", "git", "grep", "head", "id", "ls", "mkfifo"],
  ...["mv", "readlink", "sed", "sh", "sleep", "sort", "stat", "tail", "touch", "tr", "wc", "xargs"],
];

export interface Built extends AsyncDisposable {
  readonly id: string;
  /** A name for a container of it, which is removed with it. */
  readonly name: string;
  docker(...args: string[]): string;
}

/** packaging/Dockerfile, built from an archive in `dist`. */
export function openImage(folder: string, dist: string, archive: string): Built {
  const base = baseImage(folder);
  const name = basename(folder).toLowerCase();
  const file = join(repository, "packaging", "Dockerfile");
  docker(
    "build",
    "--tag",
    name,
    "--file",
    file,
    "--build-arg",
    `BASE=${base}`,
    "--build-arg",
    `ARCHIVE=${archive}`,
    dist,
  );
  return {
    ...{ id: name, name, docker },
    async [Symbol.asyncDispose]() {
      docker("rm", "--force", "--volumes", name);
      docker("rmi", "--force", name, base);
    },
  };
}

const docker = (...args: string[]): string =>
  execFileSync("docker", args, {
    env: { ...process.env, DOCKER_HOST: `unix://${process.env.PADDOCK_TEST_DOCKER}`, DOCKER_BUILDKIT: "0" },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();

/** Makes the image beneath a folder; its id. */
function baseImage(folder: string): string {
  const root = join(folder, "base");
  for (const place of ["etc", "tmp", "usr/bin", "usr/lib", "usr/lib64", "usr/local/bin", "home", "opt", "var/lib"])
    mkdirSync(join(root, place), { recursive: true });
  for (const place of ["bin", "lib", "lib64"]) symlinkSync(`usr/${place}`, join(root, place));
  for (const program of [...programs.map(found), process.execPath]) {
    if (program !== process.execPath) copyFileSync(program, join(root, "usr/bin", basename(program)));
    for (const library of librariesOf(program)) copyOnce(library, join(root, library));
  }
  writeFileSync(join(root, "usr/bin/apt-get"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\n");
  chmodSync(join(root, "tmp"), 0o1777);
  const tar = join(folder, "base.tar");
  execFileSync("tar", ["--owner=0", "--group=0", "-cf", tar, "-C", root, "."]);
  rmSync(root, { recursive: true });
  return docker("import", tar);
}

const found = (program: string): string =>
  execFileSync("/bin/sh", ["-c", 'command -v -- "$0"', program], {
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin" },
    encoding: "utf8",
  }).trim();

const librariesOf = (program: string): string[] =>
  execFileSync("ldd", [program], { encoding: "utf8" })
    .match(/\/\S+/g)
    ?.filter((path) => !path.endsWith(":")) ?? [];

function copyOnce(from: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
