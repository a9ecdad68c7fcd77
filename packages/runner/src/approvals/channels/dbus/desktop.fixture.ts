/** A desktop for tests: a bus, an X server, and dunst as the notification service, whose notes a pointer clicks on. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

export interface Desktop extends AsyncDisposable {
  /** What a program in this session has in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Notes that are on the screen now. */
  displayed(): Promise<number>;
  /** Title and text of every note so far, the text as the service received it. */
  notes(): { summary: string; body: string; actions: string[] }[];
  /** Presses a button of the note on top, as a person does. */
  press(label: string): Promise<void>;
  /** Closes the note on top without a button. */
  dismiss(): Promise<void>;
  /** Ends the notification service, and starts it anew. */
  restartService(): Promise<void>;
  /** Ends both, as at the end of a session. */
  stop(): Promise<void>;
  /** Starts both again. */
  start(): Promise<void>;
}

export const desktopPrograms = ["dbus-daemon", "dbus-send", "dunst", "Xvfb", "xdotool"] as const;

const longestMs = 30_000;
const onTop = ["mousemove", "60", "20"];

export async function startDesktop(): Promise<Desktop> {
  await using open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "pd-"));
  open.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const files = {
    bus: join(folder, "bus"),
    menu: join(folder, "menu"),
    wanted: join(folder, "wanted"),
    ran: join(folder, "ran"),
  };
  const config = join(folder, "dunstrc");
  writeFileSync(files.menu, `#!/bin/sh\ntouch ${files.ran}\ngrep -F -m1 "#$(cat ${files.wanted}) ("\n`, {
    mode: 0o755,
  });
  writeFileSync(config, dunstrc(files.menu));
  const started: Partial<Record<"bus" | "screen" | "service", ChildProcess>> = {};
  open.defer(async () => {
    for (const child of Object.values(started)) await end(child);
  });
  const startBus = async () => {
    rmSync(files.bus, { force: true });
    started.bus = start("dbus-daemon", ["--session", "--nofork", "--nopidfile", `--address=unix:path=${files.bus}`], {
      PATH: process.env.PATH,
    });
    await until(() => existsSync(files.bus));
  };
  await startBus();
  const screen = start("Xvfb", ["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"]);
  started.screen = screen;
  const environment = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${files.bus}`,
    DISPLAY: `:${(await firstLine(screen)).trim()}`,
  };
  const run = async (program: string, ...args: string[]) =>
    (await promisify(execFile)(program, args, { env: environment })).stdout;
  const displayed = async () => Number((await run("dunstctl", "count", "displayed")).trim());
  let said = "";
  const startService = async () => {
    const service = start("dunst", ["-conf", config, "-print"], environment);
    started.service = service;
    service.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await until(() => displayed().then(Number.isFinite, () => false));
  };
  await startService();
  const running = open.move();
  return {
    environment,
    displayed,
    notes: () => notesIn(said),
    ...pointerOf(run, files, displayed),
    async restartService() {
      await end(started.service);
      await startService();
    },
    async stop() {
      await end(started.service);
      await end(started.bus);
    },
    async start() {
      await startBus();
      await startService();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What a person does with the note on top. */
function pointerOf(
  run: (program: string, ...args: string[]) => Promise<string>,
  { wanted, ran }: { wanted: string; ran: string },
  displayed: () => Promise<number>,
): Pick<Desktop, "press" | "dismiss"> {
  return {
    async press(label) {
      writeFileSync(wanted, label);
      rmSync(ran, { force: true });
      await repeated(
        () => run("xdotool", ...onTop, "click", "1"),
        () => existsSync(ran),
      );
    },
    async dismiss() {
      const before = await displayed();
      await repeated(
        () => run("xdotool", ...onTop, "click", "3"),
        async () => (await displayed()) < before,
      );
    },
  };
}

/** A click on a note opens the menu of its buttons, from which the program below takes the wanted one. */
const dunstrc = (menu: string): string => `[global]
  origin = top-left
  offset = 0x0
  width = 600
  height = 600
  notification_limit = 1
  idle_threshold = 0
  markup = full
  mouse_left_click = context
  mouse_right_click = close_current
  dmenu = ${menu}
`;

function notesIn(said: string): { summary: string; body: string; actions: string[] }[] {
  return said.split("\n}\n").flatMap((note) => {
    const summary = /\n\tsummary: '([\s\S]*?)'\n\tbody: '/.exec(note)?.[1];
    const body = /\n\tbody: '([\s\S]*?)'\n\ticon: '/.exec(note)?.[1];
    const actions = [...note.matchAll(/\n\t\t"[^"]*": "([^"]*)"/g)].map(([, label = ""]) => label);
    return summary === undefined || body === undefined ? [] : [{ summary, body, actions }];
  });
}

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(program, args, { env, stdio: ["ignore", "pipe", "ignore"] });
}

function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`it ended with ${code}`)));
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("\n")) resolve(text);
    });
  });
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

/** A note counts as displayed a moment before it can be clicked on: a click that had no effect is made again. */
async function repeated(act: () => Promise<unknown>, worked: () => boolean | Promise<boolean>): Promise<void> {
  for (let count = 0; count < 4; count += 1) {
    await act();
    for (const end = Date.now() + 5_000; Date.now() < end; await wait(25)) if (await worked()) return;
  }
}

async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + longestMs; !(await look()); await wait(50)) {
    if (Date.now() > end) throw new Error("the desktop did not come up");
  }
}
