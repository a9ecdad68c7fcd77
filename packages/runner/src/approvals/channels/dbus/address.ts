/** Where the owner's session bus is, if it is certain that it is theirs. */
import { statSync } from "node:fs";
import { join } from "node:path";

/**
 * Path of the socket, or why there is none to trust. Only a socket in the file system that belongs to this account counts: an
 * abstract name can be taken by any account once its bus is gone, and a bus in the network is not this machine.
 */
export function sessionBus(
  environment: Readonly<Record<string, string | undefined>>,
): string | { unavailable: string } {
  const path = pathIn(environment);
  if (path === null) return { unavailable: "no session bus is named in the environment that Paddock was started in" };
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isSocket()) return { unavailable: `there is no session bus at ${path}` };
  if (found.uid !== process.getuid?.()) return { unavailable: `the bus at ${path} belongs to another account` };
  return path;
}

/** Where the session bus would be: whoever reaches it could press the buttons of questions, so that no cage may. */
export const busPlaces = (environment: Readonly<Record<string, string | undefined>>): string[] =>
  [pathIn(environment)].filter((path) => path !== null);

function pathIn(environment: Readonly<Record<string, string | undefined>>): string | null {
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: folder } = environment;
  if (!address) return folder ? join(folder, "bus") : null;
  const [path] = address.split(";").flatMap((one) => /^unix:(?:[^,]*,)*path=([^,]+)/.exec(one)?.[1] ?? []);
  return path === undefined ? null : unescaped(path);
}

/** An address writes unusual bytes as % and two digits. */
const unescaped = (path: string): string =>
  Buffer.from(
    path.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    "latin1",
  ).toString("utf8");
