/** What a call wants, as it really is on this machine: where its paths lead, what its text would start, and where. */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { PaddockError } from "@paddock/contract";
import {
  type Commands,
  type Invocation,
  mentionsTerminalProgram,
  type Request,
  type WantedPath,
  type Wants,
  wantingIn,
} from "@paddock/policy";
import { isWithin } from "../files/ground.ts";
import type { Place } from "../tools/handler.ts";
import { executableOf, foldersFor, isElsewhere, type LookUp, notFound } from "./executables.ts";
import { readScript } from "./shell-text.ts";

/** The same wants, each path with the place where it leads. */
export function withRealPaths(wants: Wants): Wants {
  if (wants.paths === undefined) return wants;
  return { ...wants, paths: wants.paths.map(withReal) };
}

function withReal(wanted: WantedPath): WantedPath {
  const real = realPath(wanted.path);
  return real === null || real === wanted.path ? wanted : { ...wanted, real };
}

/** Where a path leads, also when its end is still to be made; null for what the tool itself will refuse. */
export function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const parent = isMissing && path !== "/" ? realPath(dirname(path)) : null;
    return parent === null ? null : join(parent, basename(path));
  }
}

/** Whether a path lies where no tool may look. */
export function isClosed({ paths = [] }: Wants, { roots }: Pick<Place, "roots">): boolean {
  const isHidden = (path: string) => roots.hidden.some((folder) => isWithin(path, folder));
  return paths.some(({ path, real }) => isHidden(path) || (real !== undefined && isHidden(real)));
}

/**
 * Throws for a text that starts what wants a terminal or a password where there is neither. A session has a terminal, and
 * somebody to type a password where it is a person's own.
 */
export function refuseWithoutTerminal({ command, terminal }: Wants, surface: string): void {
  if (command === undefined || !mentionsTerminalProgram(command)) return;
  const wanting = wantingIn(readScript(command).invocations);
  if (terminal && (wanting?.what !== "password" || surface === "cli")) return;
  if (wanting?.what === "terminal") {
    throw new PaddockError(
      "requires_tty_not_supported",
      `${wanting.program} wants a terminal, and commands here have none.`,
    );
  }
  if (wanting) {
    throw new PaddockError(
      "interactive_credential_required",
      `${wanting.program} wants a password, and nobody is there to type it.`,
    );
  }
}

/** What the text of a request would start, each program with the file that its name leads to. */
export function commandsOf(
  text: string,
  { wants, cwd, workspace }: Request,
  { roots }: Place,
  searchPath: string,
): Commands {
  const { invocations, unresolved, redirects } = readScript(text);
  const lookUp: LookUp = {
    folders: foldersFor(wants, searchPath, roots.list),
    directory: cwd ?? wants.directory ?? workspace,
    writable: roots.list.filter(({ write }) => write).map(({ path }) => path),
  };
  const named = invocations.map(({ program }) => program);
  const find = ({ program, kind }: Invocation) =>
    program === null || kind === "builtin" || isElsewhere(program, named) ? notFound : executableOf(program, lookUp);
  const list = invocations.map((invocation) => ({ ...invocation, ...find(invocation) }));
  return { list, unresolved, redirects };
}
