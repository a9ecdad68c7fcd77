/** The programs that a release is made with: npm, for what it installs and packs, and GNU tar. */
import { execFileSync } from "node:child_process";

const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];

/** Runs npm in a folder; its standard output. What it complains about is seen. */
export function npm(folder: string, ...args: string[]): string {
  return execFileSync("npm", [...args, ...quiet], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Packs a folder, so that the same files are the same bytes: in order, of nobody, of no time. */
export function tarball(file: string, parent: string, name: string): void {
  const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"];
  execFileSync("tar", [...same, "--format=gnu", "--use-compress-program=gzip -n", "-cf", file, "-C", parent, name]);
}
