/** Prints, or writes, what a client has to be told so that it reaches this Paddock. */
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { loadConfig } from "../config.ts";
import { type Client, clients, cloudClients, type Setup } from "../connect/clients.ts";
import { installationAt } from "../connect/installation.ts";
import { writeEntry } from "../connect/write-entry.ts";
import { control, whenRunning } from "../control/request.ts";
import { directoryAt } from "../directory.ts";
import { ownCommand, pageOf } from "../own-command.ts";
import { bold, dim, printable, type Shown, table } from "../shown.ts";

export async function run(context: CommandContext): Promise<Shown> {
  const [name] = context.args;
  if (name === undefined) return listOfClients();
  const client = clientOf(name);
  const byStdio = context.options.stdio === true || client.http === null;
  const make = byStdio ? client.stdio : client.http;
  if (!make)
    throw new PaddockError("invalid_input", `${client.title} starts no servers of its own.`, "Leave out --stdio.");
  const setup = make(await installation(context));
  const written = context.options.write === true ? write(setup, client) : null;
  return { json: { client: name, ...setup, written }, text: words(context, client, setup, written, byStdio) };
}

function clientOf(name: string): Client {
  if (Object.hasOwn(clients, name)) return clients[name as keyof typeof clients];
  const guide = Object.hasOwn(cloudClients, name) ? cloudClients[name] : undefined;
  if (guide !== undefined) {
    throw new PaddockError(
      "invalid_input",
      `${name} calls from its vendor's cloud and needs a public address with sign-in, which this version does not have.`,
      `What it will take is in ${guide}.`,
    );
  }
  throw new PaddockError(
    "invalid_input",
    `There is no client ${JSON.stringify(name)}.`,
    "`paddock connect` lists them.",
  );
}

async function installation({ places, environment, options }: CommandContext) {
  const named = textOption(options, "workspace");
  const hub = await whenRunning(control<{ url: string }>({ socket: places.hubControl, path: "/status" }));
  const { host, port, public_url: publicUrl } = loadConfig(places, environment).values;
  const address = publicUrl ?? hub?.url ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const workspace = named === undefined ? undefined : directoryAt(named);
  return installationAt(address.replace(/\/$/, ""), { workspace, environment, project: process.cwd() });
}

/** The file that was written, or that had the entry already. */
function write({ file }: Setup, { title }: Client): { path: string; changed: boolean } {
  if (!file) {
    throw new PaddockError(
      "invalid_input",
      `${title} keeps its servers itself.`,
      "Run it again without --write, and run the command it prints.",
    );
  }
  return { path: file.path, changed: writeEntry(file.path, file.entry) };
}

function words(
  { environment }: CommandContext,
  client: Client,
  { how, text, after }: Setup,
  written: { path: string; changed: boolean } | null,
  byStdio: boolean,
): string {
  const paddock = ownCommand(environment, process.cwd());
  const token = byStdio
    ? []
    : [`A token: ${paddock} token create --name ${client.title.toLowerCase().replaceAll(" ", "-")}`];
  const first = written
    ? [bold(`${written.changed ? "Written to" : "Already in"} ${printable(written.path)}`), text]
    : [bold(how), text];
  return [
    ...first,
    "",
    ...[...token, ...after].map(printable),
    dim(`More: ${pageOf(client.guide, process.cwd())}`),
  ].join("\n");
}

function listOfClients(): Shown {
  const entries: [string, Client][] = Object.entries(clients);
  const rows = entries.map(([name, { title, http, stdio }]) => ({
    name,
    title,
    ways: [...(http ? ["http"] : []), ...(stdio ? ["stdio"] : [])],
  }));
  const shown = rows.map(({ name, title, ways }) => [name, title, ways.join(", ")]);
  return { json: { clients: rows }, text: table(["client", "", "ways"], shown) };
}
