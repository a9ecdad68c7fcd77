/** The command line: finds the command, runs it, shows what it says. */
import { PaddockError } from "@paddock/contract/errors";
import { Command, CommanderError } from "commander";
import type { CommandSpec } from "./command.ts";
import { commands, groups as groupSummaries } from "./commands.ts";
import { placesOf } from "./home.ts";
import { show, showFailure } from "./shown.ts";
import { version } from "./version.ts";

export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on("error", endWithReader);
  const program = programOf(commands);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error)) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    showFailure(error instanceof CommanderError ? usageFailure(error) : error, argv.includes("--json"));
  }
}

/** `paddock audit tail | head -1` ends quietly. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}

/** The parser has shown the help or the version already. */
const isHelp = ({ code }: CommanderError): boolean => code.startsWith("commander.help") || code === "commander.version";

function usageFailure({ message }: CommanderError): PaddockError {
  const [said = "", guess] = message.replace(/^error: /, "").split("\n");
  const sentence = `${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.?$/, ".")}`;
  const meant = guess?.match(/Did you mean (?:one of )?(.+)\?/)?.[1];
  return new PaddockError(
    "invalid_input",
    sentence,
    meant === undefined ? "Add --help for the usage and examples." : `Did you mean \`${meant}\`?`,
  );
}

function programOf(specs: readonly CommandSpec[]): Command {
  const program = new Command("paddock")
    .description("AI agents work on your own machines, under your control.")
    .version(version)
    .enablePositionalOptions()
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  const groups = new Map<string, Command>();
  for (const spec of specs) {
    const words = spec.usage.split(" ");
    const [first = "", second] = words;
    const grouped = second !== undefined && /^[a-z]/.test(second);
    const parent = grouped ? groupOf(program, groups, first) : program;
    parent.addCommand(commandOf(program, spec, words.slice(grouped ? 1 : 0)));
  }
  return program;
}

function groupOf(program: Command, groups: Map<string, Command>, name: string): Command {
  const known = groups.get(name) ?? program.commands.find((command) => command.name() === name);
  if (known) return known;
  const group = new Command(name).copyInheritedSettings(program);
  const verbs = commands.filter(({ usage }) => usage.startsWith(`${name} `)).map(({ usage }) => usage.split(" ")[1]);
  group.description(`${groupSummaries[name] ?? name}: ${verbs.join(", ")}`);
  groups.set(name, group);
  program.addCommand(group);
  return group;
}

function commandOf(program: Command, spec: CommandSpec, [name = "", ...args]: readonly string[]): Command {
  const command = new Command(name).copyInheritedSettings(program).description(spec.summary);
  command.option("--json", "answer in JSON");
  for (const argument of args) command.argument(argument);
  for (const [flags, description] of spec.options ?? []) command.option(flags, description);
  if (spec.examples)
    command.addHelpText("after", `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join("\n")}`);
  if (spec.dashedArguments) command.allowUnknownOption();
  if (spec.passThrough) command.allowUnknownOption().allowExcessArguments().passThroughOptions().helpOption(false);
  return command.action(() => act(spec, command));
}

async function act(spec: CommandSpec, command: Command): Promise<void> {
  const { run } = await spec.load();
  const options = command.opts();
  const shown = await run({
    places: placesOf(process.env),
    environment: process.env,
    args: command.args,
    options,
  });
  if (shown) show(shown, options.json === true);
}
