/**
 * A bare repository made for one exchange with a network remote. It has no configuration, hooks or filters but its own, and
 * borrows the objects of the workspace's repository, so that git can work outside of the cage without reading anything
 * that could name a program.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { Address } from "./address.ts";
import { lastOf, settingsEnvironment } from "./environment.ts";
import type { Repository } from "./repository.ts";

export interface CleanRepository extends AsyncDisposable {
  readonly path: string;
}

/** The name that the remote has in a clean repository. */
export const cleanRemote = "paddock";

type Network = Extract<Address, { type: "network" }>;

/** `known` are commits that both sides may have in common. The caller disposes of it. */
export async function makeCleanRepository(
  folder: string,
  repository: Repository,
  address: Network,
  known: readonly string[],
): Promise<CleanRepository> {
  const objects = await borrowable(repository);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = await mkdtemp(join(folder, "exchange-"));
  await mkdir(join(path, "objects", "info"), { recursive: true });
  await mkdir(join(path, "refs"));
  const refs = known.map((commit, at) => `${commit} refs/known/${String(at).padStart(6, "0")}\n`);
  const files = {
    HEAD: "ref: refs/heads/none\n",
    config: configText(path, repository, address),
    "objects/info/alternates": `${objects}\n`,
    "packed-refs": `# pack-refs with: sorted\n${refs.join("")}`,
    ...(address.login ? { login: loginText(address.login) } : {}),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text, { mode: 0o600 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const quoted = (value: string): string => `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

function configText(path: string, { settings }: Repository, { url, login }: Network): string {
  const sha256 = lastOf(settings, "extensions.objectformat") === "sha256";
  return [
    `[core]\n\trepositoryformatversion = ${sha256 ? 1 : 0}\n\tbare = true\n`,
    sha256 ? "[extensions]\n\tobjectformat = sha256\n" : "",
    `[remote "${cleanRemote}"]\n\turl = ${quoted(url)}\n`,
    login ? `[credential]\n\thelper =\n\thelper = ${quoted(`store --file=${shellQuoted(join(path, "login"))}`)}\n` : "",
  ].join("");
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const loginText = ({ protocol, host, user, password }: NonNullable<Network["login"]>): string =>
  `${protocol}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}\n`;

const deepest = 5;

/** The objects directory, after a look that neither it nor what it borrows from in turn lies outside of the roots. */
async function borrowable(repository: Repository): Promise<string> {
  const { roots, workspace } = repository.place;
  const visit = async (path: string, depth: number): Promise<string> => {
    if (depth > deepest || /[\n"]/.test(path))
      throw new PaddockError("git_failed", "This repository borrows its objects in an odd way.");
    const place = await roots.real(roots.locate(path, workspace));
    const list = roots.locate(join(place.absolute, "info", "alternates"), workspace);
    if ((await roots.stat(list)) === null) return place.absolute;
    const lines = (await roots.read(list, 64 * 1024)).toString("utf8").split("\n");
    for (const line of lines)
      if (line !== "" && !line.startsWith("#")) await visit(resolve(place.absolute, line), depth + 1);
    return place.absolute;
  };
  return visit(join(repository.commonDir, "objects"), 0);
}

/** The environment of a git that talks to the network with the owner's own credentials, and with nothing of the workspace. */
export const exchangeEnvironment = (owner: Readonly<Record<string, string>>): Record<string, string> => ({
  ...owner,
  ...settingsEnvironment({
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.alternateRefsCommand": "true",
    "core.pager": "cat",
    "fetch.unpackLimit": "1",
    "fetch.fsckObjects": "true",
    "fetch.writeCommitGraph": "false",
    "maintenance.auto": "false",
    "gc.auto": "0",
    "submodule.recurse": "false",
  }),
  GIT_ALLOW_PROTOCOL: "https:http:ssh",
  GIT_TERMINAL_PROMPT: "0",
  SSH_ASKPASS_REQUIRE: "never",
  LC_ALL: "C.UTF-8",
});
