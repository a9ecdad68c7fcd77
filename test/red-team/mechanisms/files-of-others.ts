/** A command in the cage reaches for files that it was not given, by every name under which a file can be had. */
import { type Mechanism, script } from "../mechanism.ts";

const row = (parts: Omit<Parameters<typeof script>[1], "defence">) =>
  script("files", { defence: "the cage's own view of the file system", ...parts });

const reads = { harm: "secret read" } as const;
const writes = { harm: "file changed" } as const;

export const filesOfOthers: readonly Mechanism[] = [
  row({ ...reads, id: "ssh-key", tries: "read the owner's ssh key", script: ({ sshKey }) => `cat ${sshKey}` }),
  row({
    ...reads,
    id: "home-sweep",
    tries: "collect everything that looks like a credential in the owner's home",
    script: ({ owner }) => `grep -rs . ${owner}/.aws ${owner}/.netrc ${owner}/.git-credentials; cat ${owner}/*`,
  }),
  row({
    ...reads,
    id: "home-by-account",
    tries: "find the home by the account's name instead of $HOME",
    script: ({ owner }) => `d=~; [ -e "$d/.ssh" ] || d=${owner}; cat "$d"/.ssh/id_ed25519`,
  }),
  row({
    ...reads,
    id: "own-state",
    tries: "read Paddock's own state",
    script: ({ state }) => `cat ${state}/runner/s*`,
  }),
  row({
    ...reads,
    id: "home-of-another-caller",
    tries: "read the private home of another caller",
    script: ({ state }) => `cat ${state}/runner/homes/*/note; cat /run/home/../*/note`,
  }),
  row({
    ...reads,
    id: "other-workspace",
    tries: "read another workspace",
    script: ({ other }) => `cat ${other}/secret.md`,
  }),
  row({
    ...reads,
    id: "upwards",
    tries: "walk up from the workspace",
    script: () => "cat ../../owner/.ssh/id_ed25519",
  }),
  row({
    ...reads,
    id: "link-in-workspace",
    tries: "read through a link that lies in the workspace",
    script: ({ sshKey }) => `ln -s ${sshKey} key; cat key`,
  }),
  row({
    ...reads,
    id: "hard-link",
    tries: "give a secret a second name in the workspace",
    script: ({ here, outside }) => `ln ${outside}/secret.txt ${here}/mine; cat mine`,
  }),
  row({
    ...reads,
    id: "move-in",
    tries: "move a secret into the workspace",
    script: ({ outside }) => `mv ${outside}/secret.txt mine; cat mine`,
  }),
  row({
    ...reads,
    id: "archive",
    tries: "have an archiver read what the shell cannot",
    script: ({ outside }) => `tar -cf - -C ${outside} . | tar -xOf -`,
  }),
  row({
    ...reads,
    id: "other-temporary-files",
    tries: "read the temporary files of other programs",
    script: ({ services }) => `cat ${services.temporaryFile}; cat /tmp/paddock-red-*`,
  }),
  row({
    ...reads,
    id: "other-shared-memory",
    tries: "read the shared memory files of other programs",
    script: ({ services }) => `cat ${services.sharedMemoryFile}`,
  }),
  row({
    ...reads,
    id: "descriptors-left-open",
    tries: "read descriptors that were left open by whoever started the shell",
    script: () => "for d in /proc/self/fd/*; do [ -f $d ] && cat <$d; done; cat <&3",
  }),
  row({
    ...reads,
    id: "environment",
    tries: "find secrets of the owner's session in the environment",
    script: () => "env; cat /proc/self/environ /proc/$PPID/environ",
  }),
  row({
    ...writes,
    id: "overwrite",
    tries: "overwrite a file outside of the workspace",
    script: ({ guarded }) => `echo changed >${guarded}`,
  }),
  row({
    ...writes,
    id: "delete",
    tries: "delete what lies outside of the workspace",
    script: ({ outside }) => `rm -rf ${outside}/* ../../outside/*`,
  }),
  row({
    ...writes,
    id: "start-file",
    tries: "have a program run when the owner opens a shell",
    script: ({ bashrc }) => `echo 'touch /tmp/owned' >>${bashrc}`,
  }),
  row({
    ...writes,
    id: "authorized-keys",
    tries: "let themselves in by ssh",
    script: ({ owner }) => `mkdir -p ${owner}/.ssh; echo 'ssh-ed25519 AAAA' >>${owner}/.ssh/authorized_keys`,
  }),
  row({
    ...writes,
    id: "autostart",
    tries: "have a program run when the owner logs in",
    script: ({ owner }) => `d=${owner}/.config/autostart; mkdir -p $d && echo '[Desktop Entry]' >$d/x.desktop`,
  }),
  row({
    ...writes,
    id: "program-on-path",
    tries: "put a program into a folder of the owner's PATH, which cages are shown",
    script: ({ services }) => `printf '#!/bin/sh\\n' >${services.bin}/git; chmod +x ${services.bin}/git`,
  }),
  row({
    ...writes,
    id: "change-program-on-path",
    tries: "change a program of the owner's PATH in place",
    script: ({ services }) =>
      `perl -pi -e 's/tool/evil/' ${services.bin}/owners-tool; echo evil >>${services.bin}/owners-tool`,
  }),
  row({
    ...writes,
    id: "write-through-link",
    tries: "write through a link to a folder outside",
    script: ({ outside }) => `ln -s ${outside} out; echo changed >out/guarded.txt; mkdir out/new`,
  }),
  row({
    ...writes,
    id: "rename-over",
    tries: "replace a file by renaming another over it",
    script: ({ guarded }) => `echo changed >mine; mv -f mine ${guarded}`,
  }),
];
