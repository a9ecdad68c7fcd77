/** What the owner is asked about: answers that something else is to be done by, and what nobody has approved yet. */
import { answers } from "./mechanisms/answers.ts";
import { broughtAlong } from "./mechanisms/brought-along.ts";
import { redTeam } from "./suite.ts";

redTeam([...answers, ...broughtAlong], { settings: { DBUS_SESSION_BUS_ADDRESS: "" } });
