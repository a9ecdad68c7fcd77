/** A command in the cage reaches into programs of the owner: what /proc shows, what the kernel lets programs share. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type Mechanism, script } from "../mechanism.ts";
import { systemCall } from "../system-calls.ts";

type Row = Parameters<typeof script>[1];

const processes = (parts: Omit<Row, "defence" | "harm"> & Partial<Row>) =>
  script("processes", { defence: "the cage's own process namespace", harm: "secret read", ...parts });
const shared = (parts: Omit<Row, "defence" | "harm"> & Partial<Row>) =>
  script("shared", { defence: "the cage's own ipc namespace", harm: "secret read", ...parts });

/** Perl makes the calls that no program of the system makes for us. */
const perl = (code: string) => `perl -e '${code}'`;

export const processesOfOthers: readonly Mechanism[] = [
  processes({
    id: "root-of-first-process",
    tries: "reach the machine's files through the root of the first process",
    script: ({ services, sshKey }) => `cat /proc/1/root${sshKey} /proc/${services.victim.pid}/root${sshKey}`,
  }),
  processes({
    id: "root-of-itself",
    tries: "reach the machine's files through /proc/self/root",
    script: ({ sshKey }) => `cat /proc/self/root${sshKey} /proc/self/cwd/../../owner/.ssh/id_ed25519`,
  }),
  processes({
    id: "folder-of-another",
    tries: "read the folder in which another program works",
    script: ({ services }) => `cat /proc/${services.victim.pid}/cwd/note; cat /proc/*/cwd/note`,
  }),
  processes({
    id: "descriptor-of-another",
    tries: "open a file that another program holds open",
    script: ({ services: { victim } }) => `cat /proc/${victim.pid}/fd/${victim.descriptor}`,
  }),
  processes({
    id: "environment-of-another",
    tries: "read the environment of another program",
    script: ({ services }) => `cat /proc/${services.victim.pid}/environ; cat /proc/*/environ`,
  }),
  processes({
    id: "arguments-of-another",
    tries: "read the arguments of another program",
    script: ({ services }) => `cat /proc/${services.victim.pid}/cmdline; ps axww; cat /proc/*/cmdline`,
  }),
  processes({
    id: "memory-of-another",
    tries: "read another program's memory as a file",
    script: ({ services: { victim } }) =>
      perl(
        `open F, "<", "/proc/${victim.pid}/mem"; sysseek F, ${victim.address}, 0; sysread F, $b, ${victim.bytes}; print $b`,
      ),
  }),
  processes({
    id: "process-vm-readv",
    tries: "copy another program's memory",
    script: ({ services: { victim } }) =>
      perl(`$b = "x" x ${victim.bytes}; $l = pack("PJ", $b, ${victim.bytes}); $r = pack("JJ", ${victim.address}, ${victim.bytes});
        syscall(${systemCall.process_vm_readv}, ${victim.pid}, $l, 1, $r, 1, 0); print $b`),
  }),
  processes({
    id: "take-descriptor",
    tries: "take a descriptor out of another program",
    script: ({ services: { victim } }) =>
      perl(`$p = syscall(${systemCall.pidfd_open}, ${victim.pid}, 0); $f = syscall(${systemCall.pidfd_getfd}, $p, ${victim.descriptor}, 0);
        open F, "<&=", $f; seek F, 0, 0; print <F>`),
  }),
  processes({
    id: "debugger",
    tries: "attach to another program as its debugger and read its memory",
    script: ({ services: { victim } }) =>
      perl(`syscall(${systemCall.ptrace}, 16, ${victim.pid}, 0, 0); waitpid(${victim.pid}, 0x40000000);
        for ($a = 0; $a < ${victim.bytes}; $a += 8) { $w = "x" x 8; syscall(${systemCall.ptrace}, 2, ${victim.pid}, ${victim.address} + $a, $w); print $w }
        syscall(${systemCall.ptrace}, 17, ${victim.pid}, 0, 0)`),
  }),
  {
    id: "processes/stop",
    tries: "stop a program of the owner",
    defence: "the cage's own process namespace",
    harm: "line crossed",
    async attack({ sh }, { services: { victim }, cross }) {
      await sh(`kill -STOP ${victim.pid}`);
      if (/^State:\tT/m.test(readFileSync(`/proc/${victim.pid}/status`, "utf8"))) cross("it was possible");
      process.kill(victim.pid, "SIGCONT");
    },
  },
  {
    id: "processes/limits-of-another",
    tries: "starve a program of the owner by taking away what it may use",
    defence: "the cage's own process namespace",
    harm: "line crossed",
    async attack({ sh }, { services: { victim }, cross }) {
      await sh(`prlimit --pid ${victim.pid} --nofile=77:`);
      if (/^Max open files +77 /m.test(readFileSync(`/proc/${victim.pid}/limits`, "utf8"))) cross("it was possible");
    },
  },
  {
    id: "processes/end",
    tries: "end a program of the owner",
    defence: "the cage's own process namespace",
    harm: "line crossed",
    async attack({ sh }, { cross }) {
      const program = spawn("sleep", ["60"]);
      const ended = once(program, "exit");
      await sh(`kill -TERM ${program.pid}`);
      // By now a signal has come; the next one is sure to end it.
      await sh("true");
      program.kill("SIGKILL");
      const [, signal] = await ended;
      if (signal === "SIGTERM") cross("it was possible");
    },
  },
  shared({
    id: "memory-segment",
    tries: "attach another program's shared memory",
    script: ({ services: { victim } }) => perl(`shmread(${victim.segment}, $b, 0, 64) and print $b`),
  }),
  shared({
    id: "message-queue",
    tries: "take a message that is meant for another program",
    script: ({ services: { victim } }) => perl(`msgrcv(${victim.queue}, $b, 200, 0, 04000) and print $b`),
  }),
  {
    id: "shared/listing",
    tries: "find what other programs share by listing it",
    defence: "the cage's own ipc namespace",
    harm: "line crossed",
    async attack({ sh }, { services: { victim }, cross }) {
      const listed = await sh("tail -n +2 -q /proc/sysvipc/shm /proc/sysvipc/msg | awk '{ print $2 }'");
      if (listed.split("\n").includes(String(victim.queue))) cross("it was possible");
    },
  },
  shared({
    id: "keyring",
    tries: "read a key of the owner's keyring",
    defence: "the filter of system calls",
    script: ({ services: { victim } }) =>
      perl(`$b = "x" x 200; syscall(${systemCall.keyctl}, 11, ${victim.key}, $b, 200); print $b`),
  }),
];
