/** Answers of the owner, for which something else is to be done. */
import { answers } from "./mechanisms/answers.ts";
import { redTeam } from "./suite.ts";

redTeam(answers, { settings: { DBUS_SESSION_BUS_ADDRESS: "" } });
