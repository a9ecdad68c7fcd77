/** A repository of the workspace, or a value for git, leads to repositories and files outside. */
import { existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { gitIn, makeRepository, plant, plantPayload } from "../git-repository.ts";
import { changed, config, gitRow as row } from "../git-row.ts";
import type { Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

export const gitReach: readonly Mechanism[] = [
  row({
    id: "remote-command",
    tries: "be started as a remote that is a command",
    given: (here, payload) => config(here, ["remote.origin.url", `ext::${payload}`], ["protocol.ext.allow", "always"]),
    tool: "git_pull",
    input: { remote: "origin", branch: "main" },
  }),
  row({
    id: "upload-pack",
    tries: "be started to read a remote",
    given: (here, payload) => config(here, ["remote.origin.url", here], ["remote.origin.uploadpack", payload]),
    tool: "git_pull",
    input: { remote: "origin", branch: "main" },
  }),
  row({
    id: "receive-pack",
    tries: "be started to write a remote",
    given: (here, payload) => {
      gitIn(here, "clone", "--quiet", "--bare", ".", "bare");
      config(here, ["remote.origin.url", join(here, "bare")], ["remote.origin.receivepack", payload]);
    },
    tool: "git_push",
    input: { remote: "origin", branch: "main" },
  }),
  row({
    id: "hook-of-remote",
    tries: "be started as a hook of a remote in the workspace",
    given: (here, payload) => {
      gitIn(here, "clone", "--quiet", "--bare", ".", "bare");
      plant(here, "bare/hooks/pre-receive", `#!/bin/sh\nexec ${payload}\n`, 0o755);
      config(here, ["remote.origin.url", join(here, "bare")]);
      changed(here);
      gitIn(here, "commit", "--quiet", "--all", "--message", "second");
    },
    tool: "git_push",
    input: { remote: "origin", branch: "main" },
  }),
  row({
    id: "option-as-branch",
    tries: "give git an option as a branch",
    refusedAsInput: true,
    given: (here) => config(here, ["remote.origin.url", here]),
    tool: "git_pull",
    input: ({ here }: Scene) => ({ remote: "origin", branch: `--upload-pack=${here}/payload` }),
  }),
  row({
    id: "repository-outside",
    tries: "pull from a repository outside of the workspace",
    given: (here, _, { services }) => config(here, ["remote.origin.url", services.repository]),
    tool: "git_pull",
    input: { remote: "origin", branch: "secret" },
    after: ({ call }, { here }) => call("git_log", { path: here, ref: "FETCH_HEAD" }),
  }),
  row({
    id: "push-outside",
    tries: "push to a repository outside of the workspace",
    harm: "file changed",
    given: (here, _, { services }) => config(here, ["remote.origin.url", services.repository]),
    tool: "git_push",
    input: { remote: "origin", branch: "main" },
  }),
  row({
    id: "folder-elsewhere",
    tries: "have a file name the repository of another folder",
    given: (here, _, { services }) => {
      rmSync(join(here, ".git"), { recursive: true });
      plant(here, ".git", `gitdir: ${services.repository}/.git\n`);
    },
    tool: "git_log",
  }),
  row({
    id: "common-folder-elsewhere",
    tries: "have a repository take its branches from another folder",
    given: (here, _, { services }) => {
      plant(here, ".git/commondir", `${services.repository}/.git\n`);
      plant(here, ".git/HEAD", "ref: refs/heads/secret\n");
    },
    tool: "git_log",
  }),
  row({
    id: "objects-elsewhere",
    tries: "borrow the objects of a repository outside",
    given: (here, _, { services }) =>
      plant(here, ".git/objects/info/alternates", `${services.repository}/.git/objects\n`),
    tool: "git_log",
    input: ({ services }: Scene) => ({ ref: services.repositoryHead }),
  }),
  row({
    id: "linked-objects",
    tries: "have the objects be a link to those of a repository outside",
    given: (here, _, { services }) => {
      rmSync(join(here, ".git", "objects"), { recursive: true });
      symlinkSync(`${services.repository}/.git/objects`, join(here, ".git", "objects"));
    },
    tool: "git_log",
    input: ({ services }: Scene) => ({ ref: services.repositoryHead }),
  }),
  row({
    id: "files-elsewhere",
    tries: "have the files of a repository lie in another folder",
    harm: "file changed",
    given: (here, _, { outside }) => {
      plant(here, "guarded.txt", "changed\n");
      gitIn(here, "add", "guarded.txt");
      gitIn(here, "commit", "--quiet", "--message", "second");
      config(here, ["core.worktree", outside]);
    },
    tool: "git_reset",
    input: { mode: "hard", ref: "HEAD" },
  }),
  row({
    id: "output-of-log",
    tries: "give an option as a revision, which writes a file",
    harm: "file changed",
    refusedAsInput: true,
    given: () => undefined,
    tool: "git_log",
    input: ({ outside }: Scene) => ({ ref: `--output=${outside}/new.txt` }),
  }),
  row({
    id: "output-of-diff",
    tries: "give an option as a file, which writes a file",
    harm: "file changed",
    given: changed,
    tool: "git_diff",
    input: ({ outside }: Scene) => ({ file: `--output=${outside}/new.txt` }),
  }),
  row({
    id: "compared-with-outside",
    tries: "compare a file with one outside",
    given: () => undefined,
    tool: "git_diff",
    input: ({ outside }: Scene) => ({ file: `${outside}/secret.txt` }),
  }),
  {
    id: "git/variables",
    tries: "set variables in the shell by which git starts a program",
    defence: "that git runs with an environment of its own",
    harm: "secret read",
    async attack({ sh, call }, scene) {
      const { here } = scene;
      makeRepository(here);
      const payload = plantPayload(scene);
      changed(here);
      await sh(`export GIT_EXTERNAL_DIFF=${payload} GIT_PAGER=${payload} GIT_SSH_COMMAND=${payload}`);
      await call("git_diff", { path: here });
      await call("shell_reset");
      if (existsSync(join(here, "ran"))) scene.cross("a program named in the environment was started");
    },
    async control({ sh }, scene) {
      makeRepository(scene.here);
      const payload = plantPayload(scene);
      changed(scene.here);
      await sh(`export GIT_EXTERNAL_DIFF=${payload}; git diff`);
    },
  },
];
