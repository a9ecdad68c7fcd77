/** The ways to the owner, put together with what is said over them: questions, messages of agents, and tries. */
import type { AuditLog } from "@paddock/audit";
import { type Texts, texts } from "@paddock/contract/texts";
import type { Log } from "../log.ts";
import type { RunnerOptions } from "../options.ts";
import type { GivenAnswer } from "./channel.ts";
import { type Channels, languageIn, openChannels } from "./channels/open-channels.ts";

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
  const channels = openChannels({
    ...{ config, configured, home, environment, answer, log },
    refused: ({ channel, approval, claimed, code }) =>
      audit.write({ event: "approval.refused", code, detail: { approval, channel, claimed } }),
  });
  return { channels, texts: texts[languageIn(config, environment)], machine };
}
