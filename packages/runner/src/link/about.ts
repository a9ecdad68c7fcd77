/** What the hub is told of this machine, kept up to date: roots, profile, and the instructions for models. */
import type { Profile } from "@paddock/policy";
import { generalInstructions } from "../context/instructions.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import type { About } from "./peer.ts";

export interface AboutParts {
  workspaces: Workspaces;
  toolbox: Toolbox;
  profile: Profile;
  sandbox: string;
  log: { warn(fields: object, message: string): void };
}

export interface LiveAbout {
  now(): About;
  onChange(listener: () => void): void;
  close(): void;
}

/** Reads instructions, which tell every caller of this workspace what they import: so they see no other root. */
const reader = { id: "owner", name: "owner", surface: "cli", toolset: "readonly" } as const;

export async function openAbout({ workspaces, toolbox, profile, sandbox, log }: AboutParts): Promise<LiveAbout> {
  const listeners: (() => void)[] = [];
  const roots = () => workspaces.enter({ ...reader, workspaces: [workspaces.standard] }).roots;
  let instructions = await toolbox.memory.instructions(roots(), workspaces.standard);
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const stop = toolbox.memory.watch(
    roots,
    workspaces.standard,
    (text) => {
      if (text === instructions) return;
      instructions = text;
      changed();
    },
    (fault) => log.warn({ err: fault }, "the project's instruction files could not be read"),
  );
  const closing = new AbortController();
  const learn = () =>
    toolbox.bridge.learn({
      principal: { ...reader, workspaces: [workspaces.standard] },
      workspace: workspaces.standard,
      domain: `${reader.id}\n${workspaces.standard}\n${profile}`,
      profile,
      roots: roots(),
      signal: closing.signal,
    });
  const stopBridge = toolbox.bridge.watch(() => {
    changed();
    void learn();
  });
  void learn();
  workspaces.onChange(changed);
  return {
    now: () => ({
      instructions,
      general: generalInstructions,
      workspace: workspaces.standard,
      roots: [...workspaces.list],
      profile,
      sandbox,
      bridged: toolbox.bridge.isInUse(),
      bridgedTools: toolbox.bridge.named(),
    }),
    onChange: (listener) => void listeners.push(listener),
    close: () => {
      stop();
      stopBridge();
      closing.abort();
    },
  };
}
