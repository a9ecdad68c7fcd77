/** A hub that somebody has taken over. */
import { lyingHub } from "./mechanisms/lying-hub.ts";
import { redTeam } from "./suite.ts";

// Questions would be told on the desktop, which is one of the listeners.
redTeam(lyingHub, { asHub: true, settings: { DBUS_SESSION_BUS_ADDRESS: "" } });
