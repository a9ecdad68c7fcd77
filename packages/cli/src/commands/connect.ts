/** Prints, or writes, what a client has to be told so that it reaches this Paddock, or a hub elsewhere. */
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { authFor, type HubAddress, hubAddressFor } from "../connect/address.ts";
import type { Auth, Client, Setup } from "../connect/client.ts";
import { clients } from "../connect/clients.ts";
import { installationAt } from "../connect/installation.ts";
import { writeEntry } from "../connect/write-entry.ts";
import { directoryAt } from "../directory.ts";
import { ownCommand, pageOf } from "../own-command.ts";
import { bold, dim, printable, type Shown, table } from "../shown.ts";

export async function run(context: CommandContext): Promise<Shown> {
  const [name] = context.args;
  if (name === undefined) return listOfClients();
  const client = clientOf(name);
  const hub = await hubAddressFor(context);
  const way = wayTo(client, hub, context.options.stdio === true);
  const auth = client.only ?? authFor(context, hub.address);
  const workspace = textOption(context.options, "workspace");
  const setup = way.make(
    installationAt(hub.address, {
      auth,
      workspace: workspace === undefined ? undefined : directoryAt(workspace),
      environment: context.environment,
      project: process.cwd(),
    }),
  );
  const written = context.options.write === true ? write(setup, client) : null;
  const first = way.byStdio ? [] : beforehand(context, client, hub, auth);
  return { json: { client: name, ...setup, written }, text: words(client, setup, written, first) };
}

function clientOf(name: string): Client {
  if (Object.hasOwn(clients, name)) return clients[name as keyof typeof clients];
  throw new PaddockError(
    "invalid_input",
    `There is no client ${JSON.stringify(name)}.`,
    "`paddock connect` lists them.",
  );
}

interface Way {
  byStdio: boolean;
  make: NonNullable<Client["http"]>;
}

/** A client in a cloud that can also start Paddock itself does so until there is a public address. */
function wayTo({ title, http, stdio, cloud, guide }: Client, { address, elsewhere }: HubAddress, wished: boolean): Way {
  const reached = http !== null && !(cloud && !address.startsWith("https:"));
  if (wished || (!reached && stdio !== null && !elsewhere)) {
    if (elsewhere && wished) {
      throw new PaddockError(
        "invalid_input",
        "With --stdio a client uses this machine.",
        "Leave out --stdio or --url.",
      );
    }
    if (stdio) return { byStdio: true, make: stdio };
    throw new PaddockError("invalid_input", `${title} starts no servers of its own.`, "Leave out --stdio.");
  }
  if (http && reached) return { byStdio: false, make: http };
  throw new PaddockError(
    "invalid_input",
    `${title} calls from its vendor's cloud, which ${address} is out of reach of.`,
    `Give Paddock a public HTTPS address first (docs/reaching-it.md), then see ${guide}.`,
  );
}

/** The file that was written, or that had the entry already. */
function write({ file }: Setup, { title }: Client): { path: string; changed: boolean } {
  if (!file) {
    throw new PaddockError(
      "invalid_input",
      `${title} keeps its servers itself.`,
      "Run it again without --write, and do what it prints.",
    );
  }
  return { path: file.path, changed: writeEntry(file.path, file.entry) };
}

/** What has to be there before the client calls. */
function beforehand(
  { environment }: CommandContext,
  { title }: Client,
  { elsewhere }: HubAddress,
  auth: Auth,
): string[] {
  const paddock = elsewhere ? "paddock" : ownCommand(environment, process.cwd());
  const where = elsewhere ? " (on the hub's machine)" : "";
  return auth === "token"
    ? [`A token${where}: ${paddock} token create --name ${title.toLowerCase().replaceAll(" ", "-")}`]
    : [`Your account, once${where}: ${paddock} owner create`];
}

function words(
  client: Client,
  { how, text, after }: Setup,
  written: { path: string; changed: boolean } | null,
  first: readonly string[],
): string {
  const head = written
    ? [bold(`${written.changed ? "Written to" : "Already in"} ${printable(written.path)}`), text]
    : [bold(how), text];
  return [
    ...head,
    "",
    ...[...first, ...after].map(printable),
    dim(`More: ${pageOf(client.guide, process.cwd())}`),
  ].join("\n");
}

function listOfClients(): Shown {
  const entries: [string, Client][] = Object.entries(clients);
  const rows = entries.map(([name, { title, http, stdio, cloud }]) => ({
    name,
    title,
    ways: [...(http ? [cloud ? "https" : "http"] : []), ...(stdio ? ["stdio"] : [])],
  }));
  const shown = rows.map(({ name, title, ways }) => [name, title, ways.join(", ")]);
  return { json: { clients: rows }, text: table(["client", "", "ways"], shown) };
}
