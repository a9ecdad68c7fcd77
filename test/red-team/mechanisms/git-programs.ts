/** A repository of the workspace names programs for git to start. The git tools start none of them, contained or not. */
import { join } from "node:path";
import { gitIn, makeRepository, plant } from "../git-repository.ts";
import { changed, config, hook, gitRow as row } from "../git-row.ts";
import type { Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const commit = { message: "mine" };

export const gitPrograms: readonly Mechanism[] = [
  row({
    id: "monitor",
    tries: "be started as a file system monitor",
    given: (here, payload) => config(here, ["core.fsmonitor", payload]),
    tool: "git_status",
  }),
  row({
    id: "commit-hook",
    tries: "be started before a commit",
    given: hook("pre-commit"),
    tool: "git_commit",
    input: commit,
  }),
  row({
    id: "hooks-elsewhere",
    tries: "be started as a hook in another folder",
    given: (here, payload) => {
      config(here, ["core.hooksPath", "hooks"]);
      plant(here, "hooks/commit-msg", `#!/bin/sh\nexec ${payload}\n`, 0o755);
    },
    tool: "git_commit",
    input: commit,
  }),
  row({
    id: "branch-hook",
    tries: "be started when a branch is made",
    given: hook("reference-transaction"),
    tool: "git_branch",
    input: { action: "create", name: "mine" },
  }),
  row({
    id: "checkout-hook",
    tries: "be started after a checkout",
    given: (here, payload) => {
      gitIn(here, "branch", "next");
      hook("post-checkout")(here, payload);
    },
    tool: "git_checkout",
    input: { branch: "next" },
  }),
  row({
    id: "index-hook",
    tries: "be started when the index changes",
    given: (here, payload) => {
      changed(here);
      hook("post-index-change")(here, payload);
    },
    tool: "git_add",
    input: { all: true },
  }),
  row({
    id: "clean-filter",
    tries: "be started to clean a file",
    given: (here, payload) => {
      plant(here, ".gitattributes", "* filter=mine\n");
      config(here, ["filter.mine.clean", payload], ["filter.mine.required", "true"]);
    },
    tool: "git_add",
    input: { all: true },
  }),
  row({
    id: "process-filter",
    tries: "be started to filter many files",
    given: (here, payload) => {
      plant(here, ".gitattributes", "* filter=mine\n");
      config(here, ["filter.mine.process", payload]);
    },
    tool: "git_add",
    input: { all: true },
  }),
  row({
    id: "smudge-filter",
    tries: "be started to make a file",
    given: (here, payload) => {
      plant(here, ".git/info/attributes", "* filter=mine\n");
      config(here, ["filter.mine.smudge", payload]);
      changed(here);
    },
    tool: "git_restore",
    input: { source: "HEAD", files: ["file.txt"] },
  }),
  row({
    id: "external-diff",
    tries: "be started to compare files",
    given: (here, payload) => {
      config(here, ["diff.external", payload]);
      changed(here);
    },
    tool: "git_diff",
  }),
  row({
    id: "diff-driver",
    tries: "be started to compare files of a kind",
    given: (here, payload) => {
      plant(here, ".gitattributes", "*.txt diff=mine\n");
      config(here, ["diff.mine.command", payload]);
      changed(here);
    },
    tool: "git_diff",
  }),
  row({
    id: "text-of-binaries",
    tries: "be started to turn a file into text",
    given: (here, payload) => {
      plant(here, ".gitattributes", "*.txt diff=mine\n");
      config(here, ["diff.mine.textconv", payload]);
      changed(here);
    },
    tool: "git_diff",
  }),
  row({
    id: "signature",
    tries: "be started to sign a commit",
    given: (here, payload) =>
      config(here, ["commit.gpgSign", "true"], ["gpg.program", payload], ["user.signingKey", "x"]),
    tool: "git_commit",
    input: commit,
  }),
  row({
    id: "submodule-monitor",
    tries: "be started as the monitor of a repository inside the repository",
    given: (here, payload) => {
      makeRepository(join(here, "inner"));
      gitIn(here, "add", "inner");
      config(join(here, "inner"), ["core.fsmonitor", payload]);
      plant(here, "inner/file.txt", "two\n");
    },
    tool: "git_status",
  }),
  row({
    id: "submodule-filter",
    tries: "be started as the filter of a repository inside the repository",
    given: (here, payload) => {
      makeRepository(join(here, "inner"));
      gitIn(here, "add", "inner");
      config(join(here, "inner"), ["filter.mine.clean", payload]);
      plant(here, "inner/.git/info/attributes", "* filter=mine\n");
      plant(here, "inner/file.txt", "six\n");
    },
    tool: "git_diff",
  }),
  row({
    id: "outer-repository",
    tries: "be started by a repository that lies around the folder",
    given: (here, payload) => config(here, ["core.fsmonitor", payload], ["status.showUntrackedFiles", "all"]),
    tool: "git_status",
    input: ({ here }: Scene) => {
      plant(here, "below/file", "x");
      return { path: join(here, "below") };
    },
  }),
];
