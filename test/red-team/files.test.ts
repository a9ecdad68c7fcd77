/** Files and programs of the owner, reached for from inside a cage. */
import { filesOfOthers } from "./mechanisms/files-of-others.ts";
import { processesOfOthers } from "./mechanisms/processes-of-others.ts";
import { redTeam } from "./suite.ts";

redTeam([...filesOfOthers, ...processesOfOthers]);
