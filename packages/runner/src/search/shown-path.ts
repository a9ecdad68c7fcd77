/** Paths as ripgrep prints them, in the form in which a caller can use them again. */
import { isWithin, join } from "../files/ground.ts";

/** Turns `./a/b` below `directory` into a path relative to the workspace, or an absolute one outside of it. */
export function pathShower(directory: string, workspace: string): (printed: string) => string {
  const inside = isWithin(directory, workspace);
  const prefix = !inside ? directory : directory.slice(workspace === "/" ? 1 : workspace.length + 1);
  return (printed) => {
    const plain = printed.startsWith("./") ? printed.slice(2) : printed;
    return prefix === "" ? plain : join(prefix, plain);
  };
}
