/**
 * The hosts that cages may reach without a question: what the machine's package managers were configured to use when Paddock
 * first started here, and what the owner has added since. One file in the runner's state folder.
 */
import { PaddockError } from "@paddock/contract";
import * as z from "zod";
import { keptFile } from "../kept-file.ts";
import { type HostRule, ruleOf, shownRule } from "./host-rules.ts";

const entry = z.strictObject({
  host: z.string().max(300),
  port: z.number().int().min(1).max(65_535).nullable(),
  internal: z.boolean(),
  source: z.enum(["owner", "package managers"]),
});
const file = z.strictObject({ version: z.literal(1), hosts: z.array(entry).max(1000) });

type Stored = z.output<typeof entry>;
export type ListedHost = HostRule & { source: Stored["source"] | "settings" };

export interface NetworkList {
  readonly hosts: readonly ListedHost[];
  /** Throws invalid_input. */
  allow(text: string, isInternal: boolean): ListedHost;
  /** Throws not_found, and invalid_input for what the settings say. */
  remove(text: string): ListedHost;
  /** Called after each change. */
  onChange(act: () => void): void;
}

export interface NetworkListOptions {
  path: string;
  /** `network_allow`. */
  settings: readonly string[];
  /** What package managers use; called when there is no file yet. */
  found(): readonly HostRule[];
}

/** Throws invalid_config for a damaged file, and invalid_input for a setting that is no host. */
export function openNetworkList({ path, settings, found }: NetworkListOptions): NetworkList {
  const fixed = settings.map((text): ListedHost => ({ ...ruleOf(text, false), source: "settings" }));
  const stored = keptFile(path, file, "Correct it, or remove it to begin anew.");
  let kept = stored.read()?.hosts ?? null;
  const changed: (() => void)[] = [];
  const save = (hosts: Stored[]) => {
    stored.write({ version: 1, hosts });
    kept = hosts;
    for (const act of changed) act();
  };
  if (kept === null) save(found().map((rule) => ({ ...rule, source: "package managers" })));
  const listed = (): Stored[] => kept ?? [];
  return {
    get hosts() {
      return [...listed(), ...fixed];
    },
    allow(text, isInternal) {
      const rule: Stored = { ...ruleOf(text, isInternal), source: "owner" };
      save([...listed().filter((other) => shownRule(other) !== shownRule(rule)), rule]);
      return rule;
    },
    remove(text) {
      const name = shownRule(ruleOf(text, false));
      const gone = listed().find((rule) => shownRule(rule) === name);
      if (!gone) throw notListed(name, fixed);
      save(listed().filter((rule) => rule !== gone));
      return gone;
    },
    onChange: (act) => void changed.push(act),
  };
}

const notListed = (name: string, fixed: readonly ListedHost[]): PaddockError =>
  fixed.some((rule) => shownRule(rule) === name)
    ? new PaddockError("invalid_input", `${name} is in the settings.`, "Remove it from network_allow and restart.")
    : new PaddockError("not_found", `${name} is not on the list.`, "`paddock network list` shows what is.");
