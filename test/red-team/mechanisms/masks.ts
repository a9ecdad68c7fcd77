/** The owner has made their home a root. What lies open in it may be read; credentials may not, by nothing and nobody. */
import { join } from "node:path";
import { type Mechanism, script } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const defence = "that credentials are hidden in every root";

const row = (id: string, tries: string, text: (scene: Scene) => string, harm: Mechanism["harm"] = "secret read") =>
  script("masks", { id, tries, defence, harm, script: text });

const call = (id: string, tries: string, tool: string, input: (scene: Scene) => object): Mechanism => ({
  id: `masks/${id}`,
  tries,
  defence,
  harm: "secret read",
  attack: (attacker, scene) => attacker.call(tool, input(scene)),
});

export const masks: readonly Mechanism[] = [
  row("read", "read a hidden file", ({ sshKey }) => `cat ${sshKey}`),
  row("rename-file", "give a hidden file another name", ({ owner }) => `cd ${owner}; mv .netrc visible; cat visible`),
  row(
    "rename-folder",
    "give a hidden folder another name",
    ({ owner }) => `cd ${owner}; mv .ssh visible; cat visible/*`,
  ),
  row(
    "rename-around",
    "rename what holds a hidden file",
    ({ owner }) => `cd ${owner}/..; mv owner other-name; cat other-name/.ssh/*`,
  ),
  row(
    "link",
    "reach a hidden file by a link",
    ({ owner }) => `cd ${owner}; ln -s .ssh/id_ed25519 key; cat key; rm -f key`,
  ),
  row(
    "hard-link",
    "give a hidden file a second name",
    ({ owner, here }) => `ln ${owner}/.netrc ${here}/mine; cat ${here}/mine`,
  ),
  row("dots", "reach a hidden file by a roundabout path", ({ owner }) => `cat ${owner}/./.ssh/../.ssh//id_ed25519`),
  row(
    "process-root",
    "reach a hidden file through a process's root",
    ({ sshKey }) => `cat /proc/self/root${sshKey} /proc/thread-self/root${sshKey}`,
  ),
  row(
    "another-cage",
    "have a second cage see it",
    ({ owner }) =>
      `bwrap --dev-bind / / cat ${owner}/.ssh/id_ed25519 || unshare -Urm sh -c 'umount ${owner}/.ssh; cat ${owner}/.ssh/*'; cat ${owner}/.aws/*`,
  ),
  row(
    "replace-file",
    "put another file in a hidden one's place",
    ({ owner }) => `cd ${owner}; echo mine >new; mv -f new .netrc; rm -f new`,
    "file changed",
  ),
  row("delete", "delete a hidden folder", ({ owner }) => `rm -rf ${owner}/.ssh`, "file changed"),
  row("append", "append to a hidden file", ({ owner }) => `echo mine >>${owner}/.netrc`, "file changed"),
  row(
    "archive",
    "pack the whole home",
    ({ owner, here }) => `tar -cf - -C ${owner} .ssh .aws .netrc .git-credentials | cat >${here}/packed`,
  ),
  row(
    "find",
    "search the whole home",
    ({ owner }) => `find ${owner}/.ssh ${owner}/.aws ${owner}/.netrc -type f -exec cat {} +`,
  ),
  call("file-tool", "read a hidden file with a file tool", "read_text_file", ({ sshKey }) => ({ path: sshKey })),
  call("bytes", "read a hidden file as bytes", "read_file_base64", ({ owner }) => ({ path: join(owner, ".netrc") })),
  call("copy", "copy a hidden file", "copy_file", ({ owner, here }) => ({
    source: join(owner, ".netrc"),
    destination: join(here, "copied"),
  })),
  call("move-folder", "move a hidden folder into the workspace", "move_file", ({ owner, here }) => ({
    source: join(owner, ".ssh"),
    destination: join(here, "moved"),
  })),
  call("grep", "search hidden files", "grep", ({ owner }) => ({
    pattern: "canary",
    path: join(owner, ".ssh"),
    include_hidden: true,
    include_ignored: true,
  })),
  call("working-directory", "work in a hidden folder", "run_command", ({ owner }) => ({
    command: "cat *",
    working_directory: join(owner, ".ssh"),
  })),
  {
    id: "masks/wish",
    tries: "ask for a hidden file beyond the cage, and hope for the owner's yes",
    defence,
    harm: "secret read",
    attack: ({ call }, { sshKey, outside }) =>
      call("run_command", {
        command: `cat ${sshKey} ${outside}/../owner/.ssh/id_ed25519`,
        needs: { paths: [{ path: sshKey }], reason: "to look" },
      }),
    // Without the mask nothing has to be wished for.
    control: ({ sh }, { sshKey }) => sh(`cat ${sshKey}`),
  },
  {
    id: "masks/link-by-command",
    tries: "reach a hidden folder through a link that another tool makes",
    defence,
    harm: "secret read",
    async attack({ sh, call }, { owner, here }) {
      await sh(`ln -s ${owner}/.ssh ${here}/folder`);
      await call("read_text_file", { path: join(here, "folder", "id_ed25519") });
      await call("grep", { pattern: "canary", path: join(here, "folder") });
    },
  },
];
