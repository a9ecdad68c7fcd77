/**
 * What a push or pull is about to do, worked out twice: once to ask the owner, once when it runs. Both have to say the same,
 * so that what was allowed is what happens.
 */
import { PaddockError, printable } from "@paddock/contract";
import type { InputOf } from "@paddock/contract/tools";
import type { Wants } from "@paddock/policy";
import type { Call, Place } from "../tools/handler.ts";
import { type Address, addressText, parseAddress } from "./address.ts";
import { lastOf } from "./environment.ts";
import { branchRef, type GitParts, inspect, type Repository } from "./repository.ts";

export interface Errand {
  repository: Repository;
  remote: string;
  address: Address;
  /** What people see of the address. */
  shown: string;
  branch: string;
  /** The commit that is pushed; null for a pull. */
  commit: string | null;
  /** The branch of the remote as this repository last saw it: its full name, null for a remote without a name. */
  tracking: string | null;
  lastSeen: string | null;
}

export async function pushErrand(parts: GitParts, place: Place, input: InputOf<"git_push">): Promise<Errand> {
  const { repository, branch, address } = await errandOf(parts, place, input, true);
  const again = await inspect(parts, place, input.path, [branchRef(branch), `refs/remotes/${input.remote}/${branch}`]);
  const [commit = null, lastSeen = null] = again.commits;
  if (commit === null)
    throw new PaddockError("git_failed", `There is no branch ${JSON.stringify(branch)} to push.`, "See git_branch.");
  return { ...address, repository, branch, commit, lastSeen };
}

export async function pullErrand(parts: GitParts, place: Place, input: InputOf<"git_pull">): Promise<Errand> {
  const { repository, branch, address } = await errandOf(parts, place, input, false);
  return { ...address, repository, branch, commit: null, lastSeen: null };
}

async function errandOf(
  parts: GitParts,
  place: Place,
  input: { path?: string | undefined; remote: string; branch?: string | undefined },
  push: boolean,
): Promise<{
  repository: Repository;
  branch: string;
  address: Pick<Errand, "remote" | "address" | "shown" | "tracking">;
}> {
  const repository = await inspect(parts, place, input.path);
  const { remote } = input;
  const { text, configured } = addressText(repository.settings, remote, push);
  const address = absolute(parseAddress(text), repository);
  const branch = input.branch ?? (push ? repository.branch : upstreamOf(repository, remote));
  if (branch === null) throw new PaddockError("invalid_input", "HEAD is detached: name the branch.");
  branchRef(branch);
  const shown = printable(address.type === "local" ? address.path : address.shown);
  const tracking = configured ? `refs/remotes/${remote}/${branch}` : null;
  return { repository, branch, address: { remote, address, shown, tracking } };
}

/** Throws path_outside_roots for a local remote that no root shows. */
function absolute(address: Address, { place, top }: Repository): Address {
  return address.type === "local" ? { ...address, path: place.roots.locate(address.path, top).absolute } : address;
}

function upstreamOf({ branch, settings }: Repository, remote: string): string | null {
  if (branch === null) return null;
  const merge = lastOf(settings, `branch.${branch}.merge`);
  const isTracked = lastOf(settings, `branch.${branch}.remote`) === remote && merge?.startsWith("refs/heads/");
  return isTracked && merge ? merge.slice("refs/heads/".length) : branch;
}

/** Nothing for a local remote; for a network one the exact errand, as the owner is asked about it. */
export function wantsOf(errand: Errand, force: boolean): Wants {
  const { address, branch, commit, remote, shown } = errand;
  if (address.type === "local") return {};
  const what = commit === null ? `fetch ${branch} from` : `send ${branch} (${commit.slice(0, 12)}) to`;
  return {
    network: true,
    noCage: true,
    command:
      commit === null
        ? `git fetch ${shellWord(address.url)} refs/heads/${branch}`
        : `git push ${force ? "--force-with-lease " : ""}${shellWord(address.url)} ${commit}:refs/heads/${branch}`,
    reason: `${what} ${shown}, the remote ${JSON.stringify(printable(remote))}${force ? ", OVERWRITING what is there" : ""}`,
  };
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Throws when the owner was asked about something else, or not at all. */
export function confirmGranted(errand: Errand, force: boolean, { granted }: Call): void {
  const wants = wantsOf(errand, force);
  if (!wants.noCage) return;
  if (!granted.noCage) throw new PaddockError("denied", "Reaching a network remote was not allowed.");
  if (granted.command !== wants.command) {
    throw new PaddockError(
      "changed_meanwhile",
      "The remote or the branch changed after the owner was asked.",
      "Call again, so that the owner is asked about what it is now.",
    );
  }
}
