/** Credentials in a home that the owner has made a root. */
import { masks } from "./mechanisms/masks.ts";
import { redTeam } from "./suite.ts";

redTeam(masks, { prepare: (world) => world.paddock("root", "add", world.environment.HOME ?? "") });
