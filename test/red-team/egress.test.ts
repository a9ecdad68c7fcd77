/** A cage with the whole network, and one listed address: what is inside of the machine otherwise. */
import { wayOut } from "./mechanisms/way-out.ts";
import { redTeam } from "./suite.ts";

redTeam(wayOut, {
  settings: { PADDOCK_NETWORK: "open", DBUS_SESSION_BUS_ADDRESS: "" },
  prepare: (world, { sitePort }) => world.paddock("network", "allow", `127.0.0.1:${sitePort}`),
});
