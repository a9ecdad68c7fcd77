/**
 * `npm run bench`: measures a real Paddock with everything on, beside what it is compared with, and prints one table. Ends
 * with 0 only if every limit holds. `--only NAME` measures one figure (several times for several), `--json` prints JSON.
 */
import { parseArgs } from "node:util";
import { holds, type Measured, ratioOf } from "./figure.ts";
import { audit } from "./figures/audit.ts";
import { cage } from "./figures/cage.ts";
import { largeRead, mcpCalls, restCalls } from "./figures/calls.ts";
import { builtin, snapshot } from "./figures/commands.ts";
import { edits } from "./figures/edits.ts";
import { egress } from "./figures/egress.ts";
import { gate } from "./figures/gate.ts";
import { link } from "./figures/link.ts";
import { manyClients } from "./figures/load.ts";
import { duringGrep, duringOutput } from "./figures/neighbours.ts";
import { search } from "./figures/search.ts";
import { sessions } from "./figures/sessions.ts";
import { sizes } from "./figures/sizes.ts";
import { idle, start } from "./figures/start.ts";
import { transfer } from "./figures/transfer.ts";
import { openStage } from "./stage.ts";
import { table } from "./table.ts";

const longestMs = 360_000;

/** These need no stage. */
const alone = [start, idle, cage, audit, egress, link, transfer];
const staged = [
  sizes,
  restCalls,
  mcpCalls,
  largeRead,
  builtin,
  edits,
  gate,
  search,
  snapshot,
  duringGrep,
  manyClients,
  duringOutput,
  sessions,
];

const { values } = parseArgs({ options: { only: { type: "string", multiple: true }, json: { type: "boolean" } } });
const wanted = ({ name }: { name: string }): boolean => values.only?.includes(name) ?? true;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

function checkNames(): void {
  const names = [...alone, ...staged].map(({ name }) => name);
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  say(`There is no figure ${unknown}. There are: ${names.join(", ")}.`);
  process.exit(2);
}

async function measureAll(): Promise<Measured[]> {
  const results: Measured[] = [];
  const measure = async (name: string, work: () => Promise<Measured[]>) => {
    say(`measuring ${name} ...`);
    results.push(...(await Promise.race([work(), late])));
  };
  for (const figure of alone.filter(wanted)) await measure(figure.name, figure.measure);
  if (!staged.some(wanted)) return results;
  await using stage = await openStage(say);
  for (const figure of staged.filter(wanted)) await measure(figure.name, () => figure.measure(stage));
  return results;
}

checkNames();
const late = new Promise<never>((_, reject) => {
  setTimeout(() => reject(new Error(`it took longer than ${longestMs / 1000} s`)), longestMs).unref();
});
late.catch(() => undefined);
const results = await measureAll();
const shown = results.map((measured) => ({ ...measured, ratio: ratioOf(measured), ok: holds(measured) }));
process.stdout.write(values.json ? `${JSON.stringify(shown, null, 2)}\n` : `\n${table(results)}\n`);
process.exit(results.every(holds) ? 0 : 1);
