/** How much there is to lose by a yes, from facts and never from what the caller says. */
import type { Risk } from "@paddock/contract";
import { type Request, type Script, wishesOf } from "@paddock/policy";

/** Programs that change or remove what is there, take rights, or run what they are given. */
const powerful = new Set(
  (
    "rm rmdir mv dd mkfs shred truncate chmod chown mount umount su sudo doas pkexec systemctl service kill pkill killall " +
    "reboot shutdown docker podman bash sh zsh dash fish eval source python python3 node perl ruby ssh scp rsync crontab at"
  ).split(" "),
);

/** `doubtful`: what is shown does not tell everything. */
export function riskOf(request: Request, script: Script | null, doubtful: boolean): Risk {
  const { wants, effect } = request;
  const wishes = wishesOf(request);
  const isPowerful = script?.invocations.some(({ program }) => program === null || powerful.has(nameOf(program)));
  if (wants.noCage && (doubtful || isPowerful === true)) return "high";
  if (wishes.length > 0 || doubtful) return wants.noCage || writesBeyond(request) || doubtful ? "medium" : "low";
  return effect === "reads" ? "low" : "medium";
}

const writesBeyond = ({ wants }: Request): boolean => (wants.beyond ?? []).some(({ access }) => access === "write");
const nameOf = (program: string): string => program.slice(program.lastIndexOf("/") + 1);
