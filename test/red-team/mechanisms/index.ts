/** All rows. A new file of rows is named here and in the test that tries it. */
import type { Mechanism } from "../mechanism.ts";
import { answers } from "./answers.ts";
import { bombsOfSize } from "./bombs-of-size.ts";
import { bombsOfTime } from "./bombs-of-time.ts";
import { bridgedServers } from "./bridged-servers.ts";
import { broughtAlong } from "./brought-along.ts";
import { filesOfOthers } from "./files-of-others.ts";
import { gitPlanted } from "./git-planted.ts";
import { gitPrograms } from "./git-programs.ts";
import { gitReach } from "./git-reach.ts";
import { lyingHub } from "./lying-hub.ts";
import { masks } from "./masks.ts";
import { names } from "./names.ts";
import { networkRows } from "./network.ts";
import { otherCallers } from "./other-callers.ts";
import { pathsRead } from "./paths-read.ts";
import { pathsWritten } from "./paths-written.ts";
import { poisonedShell } from "./poisoned-shell.ts";
import { privileges } from "./privileges.ts";
import { processesOfOthers } from "./processes-of-others.ts";
import { races } from "./races.ts";
import { shellLanguage } from "./shell-language.ts";
import { signIn } from "./sign-in.ts";
import { strangers } from "./strangers.ts";
import { wayOut } from "./way-out.ts";

export const mechanisms: readonly Mechanism[] = [
  ...filesOfOthers,
  ...processesOfOthers,
  ...networkRows,
  ...privileges,
  ...shellLanguage,
  ...pathsRead,
  ...pathsWritten,
  ...races,
  ...poisonedShell,
  ...gitPrograms,
  ...gitReach,
  ...gitPlanted,
  ...masks,
  ...otherCallers,
  ...strangers,
  ...signIn,
  ...lyingHub,
  ...answers,
  ...broughtAlong,
  ...bridgedServers,
  ...wayOut,
  ...names,
  ...bombsOfSize,
  ...bombsOfTime,
];
