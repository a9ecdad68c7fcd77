/** Push and pull. A network remote is dealt with outside of the cage, from a clean repository; a local one inside. */
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Kept } from "../checkpoints/checkpoints.ts";
import { canRemap, type Finished } from "../sandbox/cage.ts";
import type { Call, Outcome } from "../tools/handler.ts";
import { type CleanRepository, cleanRemote, exchangeEnvironment, makeCleanRepository } from "./clean-repository.ts";
import { confirmGranted, type Errand, pullErrand, pushErrand } from "./errand.ts";
import { type GitParts, git } from "./repository.ts";
import { keptFields } from "./stage.ts";
import { failureOf, wordsOf } from "./words.ts";

export interface ExchangeParts extends GitParts {
  /** Folder of the runner for clean repositories. */
  folder: string;
  /** Variables of the owner that git and ssh find credentials with, such as HOME and SSH_AUTH_SOCK. */
  ownerEnvironment: Readonly<Record<string, string>>;
}

const timeoutMs = 120_000;
const mostKnown = 1000;
/** Hooks of a local remote are text of a workspace like any other. */
const inertReceiver = "--receive-pack=git -c core.hooksPath=/dev/null -c core.fsmonitor=false receive-pack";

export async function push(
  parts: ExchangeParts,
  call: Call,
  kept: Kept,
  input: InputOf<"git_push">,
): Promise<Outcome<OutputOf<"git_push">>> {
  const errand = await pushErrand(parts, call, input);
  confirmGranted(errand, input.force, call);
  const { repository, branch, remote, shown, tracking } = errand;
  const commit = errand.commit ?? "";
  const lease = input.force ? [`--force-with-lease=refs/heads/${branch}:${errand.lastSeen ?? ""}`] : [];
  const refspec = `${commit}:refs/heads/${branch}`;
  const finished =
    errand.address.type === "local"
      ? await git(parts, repository, {
          args: ["push", "--porcelain", "--no-verify", inertReceiver, ...lease, "--", errand.address.path, refspec],
          write: true,
        })
      : await pushOutside(parts, errand, [...lease, cleanRemote, refspec]);
  if (tracking) await git(parts, repository, { args: ["update-ref", tracking, commit], write: true });
  const upstream = input.set_upstream && tracking !== null && repository.branch === branch;
  if (upstream) await setUpstream(parts, errand);
  return {
    summary: `Pushed ${branch} to ${shown}`,
    data: {
      remote,
      address: shown,
      branch,
      hash: commit,
      upstream_set: upstream,
      text: wordsOf(finished),
      ...keptFields(kept),
    },
  };
}

async function pushOutside(parts: ExchangeParts, errand: Errand, args: readonly string[]): Promise<Finished> {
  await using clean = await cleanRepositoryFor(parts, errand, []);
  return await outside(parts, errand, clean, ["push", "--porcelain", "--no-verify", ...args]);
}

export async function pull(
  parts: ExchangeParts,
  call: Call,
  kept: Kept,
  input: InputOf<"git_pull">,
): Promise<Outcome<OutputOf<"git_pull">>> {
  const errand = await pullErrand(parts, call, input);
  confirmGranted(errand, false, call);
  const { repository, branch, remote, shown } = errand;
  if (errand.address.type === "local") await fetchInside(parts, errand, errand.address.path, `refs/heads/${branch}`);
  else await fetchOutside(parts, errand);
  const fetched = await readRef(parts, errand, fetchedRef);
  if (errand.tracking) await git(parts, repository, { args: ["update-ref", errand.tracking, fetched], write: true });
  const merged = await git(parts, repository, {
    args: [
      "merge",
      "--no-edit",
      "--no-verify",
      "--no-gpg-sign",
      "--no-stat",
      "-m",
      `Merge branch '${branch}' of ${shown}`,
      fetched,
    ],
    write: true,
  });
  return {
    summary: `Pulled ${branch} from ${shown}`,
    data: {
      remote,
      address: shown,
      branch,
      fetched,
      head: await readRef(parts, errand, "HEAD"),
      text: wordsOf(merged),
      ...keptFields(kept),
    },
  };
}

/** Where a fetched commit is named until the next pull, so that it cannot be pruned while it is merged. */
const fetchedRef = "refs/paddock/fetched";

async function fetchOutside(parts: ExchangeParts, errand: Errand): Promise<void> {
  await using clean = await cleanRepositoryFor(parts, errand, await knownCommits(parts, errand));
  const refspec = `+refs/heads/${errand.branch}:${fetchedRef}`;
  await outside(parts, errand, clean, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", cleanRemote, refspec]);
  const at = canRemap(parts.cages) ? "/run/paddock/fetched.git" : clean.path;
  await fetchInside(parts, errand, at, fetchedRef, [{ path: clean.path, at, write: false }]);
}

/** Brings objects and the fetched branch from a repository that the cage shows. */
async function fetchInside(
  parts: ExchangeParts,
  { repository }: Errand,
  path: string,
  ref: string,
  mounts: { path: string; at: string; write: boolean }[] = [],
): Promise<void> {
  await git(parts, repository, {
    args: [
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-recurse-submodules",
      "--",
      path,
      `+${ref}:${fetchedRef}`,
    ],
    write: true,
    mounts,
  });
}

const cleanRepositoryFor = (parts: ExchangeParts, { repository, address }: Errand, known: readonly string[]) => {
  if (address.type === "local") throw new TypeError("a local remote needs no clean repository");
  return makeCleanRepository(parts.folder, repository, address, known);
};

async function outside(
  { cages, ownerEnvironment }: ExchangeParts,
  { repository: { place } }: Errand,
  clean: CleanRepository,
  args: readonly string[],
): Promise<Finished> {
  const finished = await cages.run(
    {
      argv: ["git", "--no-pager", `--git-dir=${clean.path}`, ...args],
      cwd: clean.path,
      profile: place.profile,
      domain: place.domain,
      roots: place.roots.list,
      env: exchangeEnvironment(ownerEnvironment),
      noCage: true,
    },
    { maxBytes: 1024 * 1024, timeoutMs, signal: place.signal },
  );
  place.signal.throwIfAborted();
  if (finished.code !== 0) throw failureOf(args[0] ?? "", finished);
  return finished;
}

async function knownCommits(parts: ExchangeParts, { repository }: Errand): Promise<string[]> {
  const { stdout } = await git(parts, repository, {
    args: [
      "for-each-ref",
      `--count=${mostKnown}`,
      "--sort=-committerdate",
      "--format=%(objectname) %(objecttype)",
      "refs/heads/",
      "refs/remotes/",
    ],
    write: false,
  });
  const lines = stdout.toString("utf8").split("\n");
  const commits = lines
    .filter((line) => /^[0-9a-f]{40,64} commit$/.test(line))
    .map((line) => line.slice(0, line.indexOf(" ")));
  return [...new Set(commits)];
}

async function readRef(parts: ExchangeParts, { repository }: Errand, ref: string): Promise<string> {
  const { stdout } = await git(parts, repository, { args: ["rev-parse", "--verify", ref], write: false });
  return stdout.toString("utf8").trim();
}

/**
 * The repository's configuration is read-only in every ordinary cage. This one shows nothing but the repository's own
 * folder, and git is told only which file to edit.
 */
async function setUpstream({ cages }: ExchangeParts, { repository, branch, remote }: Errand): Promise<void> {
  const { place, commonDir } = repository;
  const values = { remote, merge: `refs/heads/${branch}` };
  for (const [key, value] of Object.entries(values)) {
    const finished = await cages.run(
      {
        argv: ["git", "config", "--file", `${commonDir}/config`, `branch.${branch}.${key}`, value],
        cwd: "/",
        profile: "workspace",
        domain: place.domain,
        roots: [],
        mounts: [{ path: commonDir, write: true }],
        env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
      },
      { maxBytes: 64 * 1024, timeoutMs, signal: place.signal },
    );
    if (finished.code !== 0) throw failureOf("config", finished);
  }
}
