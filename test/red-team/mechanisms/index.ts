/** All rows. A new file of rows is named here and in the test that tries it. */
import type { Mechanism } from "../mechanism.ts";
import { filesOfOthers } from "./files-of-others.ts";
import { processesOfOthers } from "./processes-of-others.ts";

export const mechanisms: readonly Mechanism[] = [...filesOfOthers, ...processesOfOthers];
