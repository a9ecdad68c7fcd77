/** Callers who take more than their share. */
import { smallLimits, smallLimitsOfCages } from "./bomb-row.ts";
import { bombsOfSize } from "./mechanisms/bombs-of-size.ts";
import { bombsOfTime } from "./mechanisms/bombs-of-time.ts";
import { redTeam } from "./suite.ts";

redTeam([...bombsOfTime, ...bombsOfSize], { settings: smallLimitsOfCages, otherwise: smallLimits });
