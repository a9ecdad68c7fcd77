/** A caller takes more than its share of processes, memory, disk and output. It gets so much, and others are served. */
import { appendFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Attack, bombRow as row } from "../bomb-row.ts";
import type { Mechanism } from "../mechanism.ts";

const wantedBytes = 32_000_000;
const mostAnswerBytes = 8 * 1024 * 1024;
/** Crosses when the script says that it got `most` or more. */
const counted =
  (text: string, most: number, unlessTold?: string): Attack =>
  async ({ sh, call }, { cross }) => {
    const count = Number(/got (\d+)/.exec(await sh(text))?.[1] ?? 0);
    if (count < most) return;
    const { data } = await call("agent_status");
    if (unlessTold !== undefined && data.sandbox?.not_enforced?.includes(unlessTold)) return;
    cross(`it got ${count}`);
  };

const perl = (code: string) => `perl -e '${code}'`;
const filling = (path: string) =>
  `head -c ${wantedBytes} /dev/zero >${path}; echo got $(stat -c %s ${path}); rm -f ${path}`;

const processLimit = "a limit on processes in a cage";
const fork = (count: number) =>
  perl(
    `for (1..${count}) { $p = fork; last unless defined $p; if (!$p) { sleep 20; exit } push @p, $p } print "got ", scalar @p, "\\n"; kill 9, @p`,
  );

/** Of both logs together. */
const logBytes = (state: string): number =>
  ["hub", "runner"]
    .map((side) => statSync(join(state, side, "audit.jsonl"), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, bytes) => sum + bytes, 0);

export const bombsOfSize: readonly Mechanism[] = [
  row(
    "processes",
    "start more processes than a cage may hold",
    processLimit,
    counted(fork(600), 600, "number of processes in a cage"),
  ),
  row(
    "memory",
    "take more memory than a cage may have",
    "a limit on memory",
    counted(
      perl(`$x = ""; vec($x, 200 * 1024 * 1024, 8) = 1; print "got ", length $x, "\\n"`),
      200_000_000,
      "memory of all processes of a cage together",
    ),
  ),
  row(
    "many-small-memories",
    "take the memory by many programs",
    "a limit on the memory of all of a cage",
    counted(
      perl(
        `pipe R, W; for (1..4) { if (!fork) { $x = ""; vec($x, 80 * 1024 * 1024, 8) = 1; syswrite W, "x"; sleep 2; exit } } close W; 1 while wait > 0; $n = sysread R, $b, 9; print "got $n\\n"`,
      ),
      4,
      "memory of all processes of a cage together",
    ),
  ),
  row(
    "temporary-files",
    "fill the memory of the machine with temporary files",
    "a size for what lies in memory",
    counted(filling("/tmp/filled-by-red"), wantedBytes),
  ),
  row(
    "shared-memory",
    "fill the memory of the machine with shared memory",
    "a size for what lies in memory",
    counted(filling("/dev/shm/filled-by-red"), wantedBytes),
  ),
  row(
    "large-file",
    "fill the disk with one file",
    "a limit on the size of a file",
    counted(filling("filled"), wantedBytes),
  ),
  row(
    "archive",
    "unpack what was small into something large",
    "a limit on the size of a file",
    counted(
      `head -c ${wantedBytes} /dev/zero | gzip >packed.gz; gunzip -c packed.gz >unpacked; echo got $(stat -c %s unpacked); rm -f unpacked`,
      wantedBytes,
    ),
  ),
  row(
    "sparse-file",
    "make a file that is larger than the disk",
    "a limit on the size of a file",
    counted("truncate -s 1T sparse; echo got $(stat -c %s sparse); rm -f sparse", 10 ** 12),
  ),
  row(
    "open-files",
    "open more files than a program may",
    "a limit on open files",
    counted(
      perl(`for (1..400) { open(my $f, "<", "/dev/null") or last; push @f, $f } print "got ", scalar @f, "\\n"`),
      400,
    ),
  ),
  row(
    "background-programs",
    "leave more programs in the background than allowed",
    "a limit on background processes",
    async ({ call }, { cross }) => {
      for (let n = 0; n < 8; n += 1) await call("start_process", { command: "sleep 30" });
      const { data: now } = await call("process_status");
      const running = now.processes.filter(({ state }: { state: string }) => state === "running");
      for (const { id } of running) await call("stop_process", { id, force: true });
      if (running.length >= 8) cross(`${running.length} were started`);
    },
    {
      control: async ({ sh }, { cross }) => {
        if ((await sh("for n in 1 2 3 4 5 6 7 8; do sleep 1 & done; jobs -rp | wc -l")).trim() === "8")
          cross("8 were started");
      },
    },
  ),
  row("output", "print more than an answer holds", "a bound on output", async (attacker, { cross }) => {
    await attacker.sh(`yes | head -c ${wantedBytes}`);
    if (attacker.heard.length > mostAnswerBytes) cross(`${attacker.heard.length} bytes were answered`);
  }),
  row("one-long-line", "print without ever ending a line", "a bound on output", async (attacker, { cross }) => {
    await attacker.sh(`head -c ${wantedBytes} /dev/zero | tr '\\0' x >&2`);
    if (attacker.heard.length > mostAnswerBytes) cross(`${attacker.heard.length} bytes were answered`);
  }),
  row(
    "log",
    "fill the log with what they write",
    "a bound on what a record keeps of an input",
    async ({ call }, { here, state, cross }) => {
      const before = logBytes(state);
      for (let n = 0; n < 8; n += 1) await call("write_file", { path: join(here, "x"), content: "y".repeat(500_000) });
      if (logBytes(state) - before > 1_000_000) cross(`${logBytes(state) - before} bytes were written`);
    },
    {
      control: async ({ call }, { here, outside, cross }) => {
        const log = join(outside, "log");
        for (let n = 0; n < 8; n += 1) {
          const input = { path: join(here, "x"), content: "y".repeat(500_000) };
          await call("write_file", input);
          appendFileSync(log, JSON.stringify(input));
        }
        if (statSync(log).size > 1_000_000) cross("all of it");
      },
    },
  ),
  row(
    "log-of-refusals",
    "fill the log with what is refused",
    "a bound on what a record keeps of an input",
    async ({ call }, { state, cross }) => {
      const before = logBytes(state);
      for (let n = 0; n < 8; n += 1) await call("read_text_file", { path: `/${"y".repeat(4000)}/${n}` });
      if (logBytes(state) - before > 500_000) cross(`${logBytes(state) - before} bytes were written`);
    },
    {
      control: async (_, { cross }) => {
        const records = Array.from({ length: 8 }, (__, n) => `/${"y".repeat(100_000)}/${n}`);
        if (JSON.stringify(records).length > 500_000) cross("all of it");
      },
    },
  ),
  row(
    "many-files",
    "have a folder hold more than an answer",
    "a bound on listings",
    async (attacker, { here, cross }) => {
      await attacker.sh(
        `mkdir ${here}/many && cd ${here}/many && perl -e 'for (1..5000) { open F, ">", "file-with-a-rather-long-name-so-that-it-fills-an-answer-$_" }'`,
      );
      await attacker.call("list_directory", { path: join(here, "many") });
      if (attacker.heard.length > 300_000) cross(`${attacker.heard.length} bytes were answered`);
    },
  ),
  row(
    "fork-tree",
    "start processes that start processes, without end",
    processLimit,
    async ({ sh, call }, { cross }) => {
      const { data } = await call("agent_status");
      const isHeld = !data.sandbox.not_enforced.includes("number of processes in a cage");
      await sh(isHeld ? "f() { f | f & }; f" : "true", 3);
      const said = await sh("echo well");
      if (said.trim() !== "well") cross(`afterwards the same caller heard ${said}`);
    },
    {
      control: async ({ sh }, { cross }) => {
        const made = await sh(perl(`$| = 1; for (1..7) { fork } print "x"; sleep 1; wait`));
        if (made.length >= 128) cross(`${made.length} processes`);
      },
    },
  ),
];
