/** The ways to the owner, put together with what is said over them: questions, messages of agents, and tries. */
import type { AuditLog } from "@paddock/audit";
import { languageOf, type Texts, texts } from "@paddock/contract/texts";
import type { Log } from "../log.ts";
import type { RunnerOptions } from "../options.ts";
import type { GivenAnswer } from "./channel.ts";
import { type Channels, openChannels } from "./channels/open-channels.ts";
import { recordRefusals } from "./refusals.ts";

export interface Ways {
  channels: Channels;
  texts: Texts;
  /** What this machine calls itself. */
  machine: string;
}

export interface WaysParts {
  audit: AuditLog;
  machine: string;
  log: Log;
  answer(given: GivenAnswer): Promise<unknown>;
}

/** Throws invalid_config for settings that cannot work. */
export function openWays({ config, configured, home, environment }: RunnerOptions, parts: WaysParts): Ways {
  const { audit, machine, log, answer } = parts;
  const refused = recordRefusals(audit);
  const channels = openChannels({ config, configured, home, environment, answer, refused, log });
  return { channels, texts: texts[languageOf(environment, config.language)], machine };
}
