/** Whether a program can be started by its name. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export const isOnPath = (program: string, path: string): boolean =>
  path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
