/** The network, sockets of other programs, and what the kernel gives to those who are somebody. */
import { networkRows } from "./mechanisms/network.ts";
import { privileges } from "./mechanisms/privileges.ts";
import { redTeam } from "./suite.ts";

redTeam([...networkRows, ...privileges]);
