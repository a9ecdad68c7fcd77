/** Those who want a client's tokens without the owner's yes. */
import { signIn } from "./mechanisms/sign-in.ts";
import { redTeam } from "./suite.ts";

redTeam(signIn, { prepare: ({ paddock }) => paddock("owner", "create") });
