/** Makes a code with which one machine can join. It is shown here and never again. */
import { type CommandContext, countOption } from "../command.ts";
import { control } from "../control/request.ts";
import { bold, dim, localTime, type Shown } from "../shown.ts";
import { nameOption } from "./shown-machines.ts";

interface Invited {
  code: string;
  url: string;
  name: string | null;
  labels: string[];
  expiresAt: string;
}

const longestMinutes = 7 * 24 * 60;

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const minutes = countOption(options, "minutes", { min: 1, max: longestMinutes });
  const labels = Array.isArray(options.label) ? options.label.map(String) : [];
  const body = { ...nameOption(options), labels, ...(minutes === undefined ? {} : { minutes }) };
  const invited = await control<Invited>({
    socket: places.hubControl,
    method: "POST",
    path: "/machines/codes",
    body,
  });
  const { code, url, expiresAt } = invited;
  const text = [
    "On the machine:",
    bold(`  paddock join ${url} ${code}`),
    dim(`Whoever has this line can join once, until ${localTime(expiresAt)}. It is shown only now.`),
    ...(isLocal(url) ? [dim("Other machines do not reach this address: set public_url, or open a way to it.")] : []),
  ].join("\n");
  return { json: invited, text };
}

const isLocal = (url: string): boolean => ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
