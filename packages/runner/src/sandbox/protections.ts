/** What the cages of this machine hold and what they do not, in words for agent_status, `paddock status` and the start. */
import type { Proof } from "./proof.ts";

export interface Protections {
  kind: Proof["kind"];
  enforced: string[];
  not_enforced: string[];
}

export function protectionsOf({ kind, memory, pids, cpus, namespacesClosed, callsFiltered }: Proof): Protections {
  const contained = kind !== "none";
  const divided = contained && kind !== "srt";
  const all: readonly (readonly [held: boolean, what: string])[] = [
    [contained, "files outside of the roots are out of reach"],
    [contained, "no network but what the owner allows"],
    [divided, "own processes only"],
    [contained, "credentials and Paddock's own state are hidden"],
    [memory === "cage", "memory of all processes of a cage together"],
    [pids === "cage", "number of processes in a cage"],
    [cpus === "cage", "processor time of a cage"],
    [namespacesClosed, "no namespaces of their own inside"],
    [callsFiltered, "no keyrings, and no sockets to a machine's own host"],
  ];
  const named = (held: boolean) => all.filter(([is]) => is === held).map(([, what]) => what);
  return { kind, enforced: named(true), not_enforced: named(false) };
}
