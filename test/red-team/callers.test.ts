/** Those who have a token and want more, and those who have none. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { otherCallers } from "./mechanisms/other-callers.ts";
import { strangers } from "./mechanisms/strangers.ts";
import { redTeam } from "./suite.ts";

redTeam([...otherCallers, ...strangers], {
  prepare: async ({ workspace, paddock }) => {
    const other = join(workspace, "..", "other");
    mkdirSync(other);
    await paddock("root", "add", other);
  },
});
