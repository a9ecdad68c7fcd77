/** File tools that are led out of the roots, by paths and by paths that change. */
import { pathsRead } from "./mechanisms/paths-read.ts";
import { pathsWritten } from "./mechanisms/paths-written.ts";
import { races } from "./mechanisms/races.ts";
import { redTeam } from "./suite.ts";

redTeam([...pathsRead, ...pathsWritten, ...races]);
