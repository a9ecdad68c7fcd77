/** The way out of a cage, and a name server that belongs to the attacker. */
import { names } from "./mechanisms/names.ts";
import { redTeam } from "./suite.ts";

redTeam(names, { asCage: true });
