/** Shells that were left in a state that is to harm others. */
import { poisonedShell } from "./mechanisms/poisoned-shell.ts";
import { redTeam } from "./suite.ts";

redTeam(poisonedShell);
