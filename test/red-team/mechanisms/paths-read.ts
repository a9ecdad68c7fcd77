/** File tools are given paths to read that lead out of the roots, by every way that has worked on somebody's server. */
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mechanism } from "../mechanism.ts";
import { lexical, links, pathRow as row } from "../path-row.ts";

export const pathsRead: readonly Mechanism[] = [
  row({
    id: "absolute",
    tries: "read an absolute path",
    tool: "read_text_file",
    input: ({ outside }) => ({ path: join(outside, "secret.txt") }),
  }),
  row({
    id: "upwards",
    tries: "read upwards with ..",
    tool: "read_text_file",
    input: ({ here }) => ({ path: `${here}/../../outside/secret.txt` }),
  }),
  row({
    id: "prefix",
    tries: "read a folder whose name begins like the workspace's",
    weakness: "prefix",
    tool: "read_text_file",
    input: ({ sibling }) => ({ path: `${sibling}/secret.md` }),
  }),
  row({
    id: "upwards-into-prefix",
    tries: "read upwards into a folder whose name begins like the workspace's",
    weakness: "prefix",
    tool: "read_file_base64",
    input: ({ here }) => ({ path: `${here}/../../work-evil/secret.md` }),
  }),
  row({
    id: "encoded",
    tries: "read upwards with dots that are encoded",
    weakness: "decodes",
    tool: "read_text_file",
    input: ({ here }) => ({ path: `${here}/%2e%2e/%2e%2e/outside/secret.txt` }),
  }),
  row({
    id: "tilde",
    tries: "read the owner's home as ~",
    weakness: "expands",
    tool: "read_text_file",
    input: () => ({ path: "~/diary.txt" }),
  }),
  row({
    id: "home-variable",
    tries: "read the owner's home as $HOME",
    weakness: "expands",
    tool: "read_text_file",
    input: () => ({ path: "$HOME/diary.txt" }),
  }),
  row({
    id: "link",
    tries: "read a link",
    ...lexical,
    tool: "read_text_file",
    input: ({ here }) => ({ path: `${here}/file` }),
  }),
  row({
    id: "link-to-folder",
    tries: "read below a link",
    ...lexical,
    tool: "read_text_file",
    input: ({ here }) => ({ path: `${here}/folder/secret.txt` }),
  }),
  row({
    id: "chain-of-links",
    tries: "read a link to a link to a link",
    weakness: "lexical",
    given: (scene) => {
      links(scene);
      for (const [from, to] of [
        ["folder", "one"],
        ["one", "two"],
        ["two", "three"],
      ] as const)
        symlinkSync(from, join(scene.here, to));
    },
    tool: "read_text_file",
    input: ({ here }) => ({ path: `${here}/three/secret.txt` }),
  }),
  row({
    id: "relative-link",
    tries: "read a link that leads upwards",
    weakness: "lexical",
    given: ({ here }) => symlinkSync("../../outside/secret.txt", join(here, "up")),
    tool: "read_file_base64",
    input: ({ here }) => ({ path: `${here}/up` }),
  }),
  row({
    id: "process-root",
    tries: "read through the root of the serving process",
    tool: "read_text_file",
    input: ({ outside }) => ({ path: `/proc/self/root${outside}/secret.txt` }),
  }),
  row({
    id: "process-descriptor",
    tries: "read a descriptor of another program as a file",
    tool: "read_text_file",
    input: ({ services: { victim } }) => ({ path: `/proc/${victim.pid}/fd/${victim.descriptor}` }),
  }),
  row({
    id: "process-environment",
    tries: "read the environment of another program as a file",
    tool: "read_text_file",
    input: ({ services: { victim } }) => ({ path: `/proc/${victim.pid}/environ` }),
  }),
  row({
    id: "link-to-process",
    tries: "read a link into /proc",
    weakness: "lexical",
    given: ({ here, services: { victim } }) => symlinkSync(`/proc/${victim.pid}/cwd`, join(here, "cwd")),
    tool: "read_text_file",
    input: ({ here }) => ({ path: `${here}/cwd/note` }),
  }),
  row({
    id: "list",
    tries: "list a folder outside",
    tool: "list_directory",
    input: ({ outside }) => ({ path: outside }),
  }),
  row({
    id: "list-link",
    tries: "list a folder through a link",
    ...lexical,
    tool: "list_directory",
    input: ({ here }) => ({ path: `${here}/folder` }),
  }),
  row({
    id: "tree-link",
    tries: "draw the tree of a folder through a link",
    ...lexical,
    tool: "directory_tree",
    input: ({ here }) => ({ path: `${here}/folder` }),
  }),
  row({
    id: "glob-upwards",
    tries: "find names upwards with a pattern",
    tool: "glob",
    input: ({ here }) => ({ pattern: "../../outside/*", path: here }),
  }),
  row({
    id: "glob-absolute",
    tries: "find names with an absolute pattern",
    tool: "glob",
    input: ({ outside, here }) => ({ pattern: `${outside}/*`, path: here }),
  }),
  row({
    id: "glob-link",
    tries: "find names below a link",
    ...lexical,
    tool: "glob",
    input: ({ here }) => ({ pattern: "folder/*", path: here }),
  }),
  row({
    id: "grep-outside",
    tries: "search outside",
    tool: "grep",
    input: ({ outside }) => ({ pattern: "canary", path: outside }),
  }),
  row({
    id: "grep-link",
    tries: "search through a link",
    ...lexical,
    tool: "grep",
    input: ({ here }) => ({ pattern: "canary", path: `${here}/folder/` }),
  }),
  row({
    id: "grep-option",
    tries: "give the searching program an option as a pattern",
    tool: "grep",
    input: ({ outside }) => ({ pattern: `--file=${outside}/secret.txt`, path: outside }),
  }),
  row({
    id: "copy-in",
    tries: "copy a secret into the workspace",
    tool: "copy_file",
    input: ({ outside, here }) => ({ source: `${outside}/secret.txt`, destination: `${here}/copied` }),
  }),
  row({
    id: "copy-link",
    tries: "copy what a link leads to",
    ...lexical,
    tool: "copy_file",
    input: ({ here }) => ({ source: `${here}/file`, destination: `${here}/copied` }),
  }),
  row({
    id: "move-in",
    tries: "move a secret into the workspace with the file tools",
    tool: "move_file",
    input: ({ outside, here }) => ({ source: `${outside}/secret.txt`, destination: `${here}/moved` }),
  }),
  row({
    id: "found-document",
    tries: "fetch a document that no search has found",
    tool: "fetch",
    input: ({ outside }) => ({ id: `${outside}/secret.txt` }),
  }),
  row({
    id: "imported-instructions",
    tries: "have an instruction file import a secret",
    given: ({ here, outside }) =>
      writeFileSync(join(here, "AGENTS.md"), `@${outside}/secret.txt @../../outside/secret.txt`),
    tool: "project_context",
    input: ({ here }) => ({ path: here }),
  }),
  row({
    id: "linked-instructions",
    tries: "have an instruction file be a link to a secret",
    weakness: "lexical",
    given: ({ here, outside }) => symlinkSync(`${outside}/secret.txt`, join(here, "AGENTS.md")),
    tool: "project_context",
    input: ({ here }) => ({ path: here }),
  }),
  row({
    id: "working-directory",
    tries: "start a command in a folder outside",
    tool: "run_command",
    input: ({ outside }) => ({ command: "cat secret.txt", working_directory: outside }),
  }),
  row({
    id: "working-directory-link",
    tries: "start a program below a link that leads outside",
    ...lexical,
    tool: "start_process",
    input: ({ here }) => ({ command: `cat secret.txt >${here}/copied`, working_directory: `${here}/folder` }),
  }),
];
