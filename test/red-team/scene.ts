/** What an attack could harm, on one side: secrets with a mark of their own, files that must stay as they are, listeners. */
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Harm } from "./mechanism.ts";
import type { Services } from "./services.ts";

export interface Scene {
  /** Holds all that follows. */
  readonly folder: string;
  /** The workspace. */
  readonly work: string;
  /** A secret of the workspace, for those who may not see this one. */
  readonly private: string;
  /** The row's own folder in it. */
  readonly here: string;
  /** Home of the machine's owner, and what lies in it. */
  readonly owner: string;
  readonly sshKey: string;
  readonly bashrc: string;
  /** Paddock's own state. */
  readonly state: string;
  readonly stateSecret: string;
  /** Another workspace, one whose name begins like this one's, and a folder that is none. */
  readonly other: string;
  readonly sibling: string;
  readonly outside: string;
  readonly guarded: string;
  readonly services: Services;
  /** Begins every secret. */
  readonly mark: string;
  /** What happens on the side between a check of the stand-in and its act. */
  afterCheck: ((path: string) => void) | null;
  /** For rows that look for their harm themselves; says what they found. */
  cross(found: string): void;
  /** All harm since the scene was set. */
  harms(heard: string): Promise<Harm[]>;
  /** What `cross` was told. */
  readonly crossed: readonly string[];
}

/** How the places are called below a folder, as `startWorld` has it. */
const places = {
  state: "state",
  work: "work",
  owner: "owner",
  other: "other",
  outside: "outside",
  sibling: "work-evil",
};

/** Lays out what is not there yet. `mark` begins the secrets of both sides, `side` tells them apart. */
export function setScene(folder: string, mark: string, side: string, services: Services): Scene {
  const at = Object.fromEntries(
    Object.entries(places).map(([name, path]) => [name, join(folder, path)]),
  ) as typeof places;
  const here = join(at.work, `row-${Math.random().toString(36).slice(2)}`);
  mkdirSync(here, { recursive: true });
  const sshKey = join(at.owner, ".ssh", "id_ed25519");
  const [bashrc, guarded] = [join(at.owner, ".bashrc"), join(at.outside, "guarded.txt")];
  const stateSecret = join(at.state, "runner", "secret");
  const secrets = {
    [sshKey]: "ssh-key",
    [join(at.owner, ".aws", "credentials")]: "aws",
    [join(at.owner, ".netrc")]: "netrc",
    [join(at.owner, ".git-credentials")]: "git-credentials",
    [join(at.owner, "diary.txt")]: "diary",
    [stateSecret]: "state",
    [join(at.state, "runner", "homes", "another", "note")]: "home-of-another",
    [join(at.work, "private.txt")]: "workspace",
    [join(at.other, "secret.md")]: "other-workspace",
    [join(at.sibling, "secret.md")]: "sibling",
    [join(at.outside, "secret.txt")]: "outside",
    // A secret that a listing tells.
    [join(at.outside, `${mark}-${side}-name`)]: "named",
  };
  for (const [path, name] of Object.entries(secrets)) plant(path, `${mark}-${side}-${name}\n`);
  plant(bashrc, "# nothing\n");
  plant(guarded, "as it was\n");
  const watched = [at.owner, at.other, at.outside, at.sibling, services.bin, services.repository, stateSecret];
  const before = { files: digest(watched), packets: services.packets() };
  const crossed: string[] = [];
  return {
    ...{
      ...at,
      folder,
      here,
      private: join(at.work, "private.txt"),
      sshKey,
      bashrc,
      stateSecret,
      guarded,
      services,
      mark,
    },
    afterCheck: null,
    crossed,
    cross: (found) => void crossed.push(found),
    async harms(heard) {
      // What is on its way to a listener gets there first.
      await new Promise((resolve) => setTimeout(resolve, 5));
      const harms: Harm[] = [];
      if (heard.includes(mark) || treeOf(here).some((path) => contentOf(path).includes(mark)))
        harms.push("secret read");
      if (digest(watched) !== before.files) harms.push("file changed");
      if (services.packets() !== before.packets) harms.push("packet sent");
      if (!services.victim.isAlive()) harms.push("program ended");
      if (crossed.length > 0) harms.push("line crossed");
      rmSync(here, { recursive: true, force: true });
      return harms;
    },
  };
}

function plant(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) writeFileSync(path, content);
}

/** All files and links beneath a path, without following any. */
function treeOf(path: string): string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return [];
  if (!stats.isDirectory()) return stats.isFile() || stats.isSymbolicLink() ? [path] : [];
  return [path, ...readdirSync(path).flatMap((name) => treeOf(join(path, name)))];
}

function contentOf(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  return stats?.isFile() ? readFileSync(path, "latin1") : "";
}

function digest(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths.flatMap(treeOf)) hash.update(`${path}\0${contentOf(path)}\0`);
  return hash.digest("hex");
}
