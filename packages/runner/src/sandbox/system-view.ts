/** What every cage sees of the operating system: programs and libraries read-only, a few files of /etc, one made-up user. */
import { lstatSync, mkdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the private home of a trust domain is mounted; nothing else is mounted beneath it. */
export const homeInside = "/run/home";

const rootFolders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/** Files and folders of /etc that programs need and that hold no secret. */
const shownOfEtc = [
  "alternatives",
  "ca-certificates",
  "fonts",
  "java-17-openjdk",
  "java-21-openjdk",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "mime.types",
  "os-release",
  "perl",
  "pki",
  "protocols",
  "python3",
  "services",
  "ssl",
  "terminfo",
  "timezone",
];

/** Arguments of bubblewrap for the system, the same for every cage of this runner. Writes the made-up files into `folder`. */
export function systemArguments(folder: string): string[] {
  return [
    ...["--ro-bind", "/usr", "/usr"],
    ...rootFolders.flatMap(rootFolder),
    ...["--ro-bind-try", "/nix/store", "/nix/store"],
    ...shownOfEtc.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
    ...madeFiles(folder).flatMap(({ path, at }) => ["--ro-bind", path, at]),
  ];
}

/** A link on distributions with a merged /usr, a folder on others. */
function rootFolder(path: string): string[] {
  const state = lstatSync(path, { throwIfNoEntry: false });
  if (!state) return [];
  return state.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

/** Writes the files of /etc that a cage has of its own: one user, and no name of the host. */
export function madeFiles(folder: string): { path: string; at: string }[] {
  const { uid, gid } = ownIds();
  const nobody = uid === 65534 ? "" : "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n";
  const root = uid === 0 ? "" : "root:x:0:0::/nonexistent:/usr/sbin/nologin\n";
  const files = {
    passwd: `agent:x:${uid}:${gid}::${homeInside}:/bin/bash\n${root}${nobody}`,
    group: `agent:x:${gid}:\n`,
    hosts: "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    hostname: "paddock\n",
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o644 });
    return { path, at: `/etc/${name}` };
  });
}

/** The runner's own ids, kept inside so that files belong to whom they should. */
export function ownIds(): { uid: number; gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
