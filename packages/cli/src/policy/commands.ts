/** The verbs of `paddock policy`. */
import type { CommandSpec } from "../command.ts";
import { ruleOptions } from "./draft.ts";

const override = ["--override", "count against a built-in rule that denies"] as const;

export const policyCommands: readonly CommandSpec[] = [
  {
    usage: "policy list",
    summary: "List your rules",
    options: [["--all", "the built-in ones too"]],
    load: () => import("../commands/policy-list.ts"),
  },
  {
    usage: "policy allow [command...]",
    summary: "Let something run without asking",
    options: [...ruleOptions, override],
    examples: [
      "paddock policy allow --uncaged --cwd ~/src/shop -- docker compose ps",
      "paddock policy allow --network '*.example.org' --hours 09:00-18:00",
      "paddock policy allow --path ~/src/shop/.env --tool read_text_file",
      "paddock policy allow --beyond --path /srv/data --minutes 30",
    ],
    load: () => import("../commands/policy-allow.ts"),
  },
  {
    usage: "policy ask [command...]",
    summary: "Be asked about something, also where it stays in its cage",
    options: [...ruleOptions, ["--assurance <kind>", "what the answer must be worth: hub, device or local"], override],
    examples: [
      "paddock policy ask -- git push",
      "paddock policy ask --assurance local --tool delete_directory",
      "paddock policy ask --server '*'",
    ],
    load: () => import("../commands/policy-ask.ts"),
  },
  {
    usage: "policy deny [command...]",
    summary: "Refuse something, whoever asks",
    options: ruleOptions,
    examples: [
      "paddock policy deny -- git push --force",
      "paddock policy deny --path ~/src/shop/legal --reason 'Lawyers only.'",
      "paddock policy deny --caller phone --tool run_command start_process",
    ],
    load: () => import("../commands/policy-deny.ts"),
  },
  {
    usage: "policy remove [what...]",
    summary: "Take a rule away, by its id or by its command",
    examples: ["paddock policy remove deny-git-push", "paddock policy remove -- git push"],
    load: () => import("../commands/policy-remove.ts"),
  },
  {
    usage: "policy explain [command...]",
    summary: "Say what the policy would decide and why, without running anything",
    options: [
      ["--tool <name>", "the tool; run_command when absent"],
      ["--input <json>", "its parameters"],
      ["--workspace <dir>", "the root that it works in; the default workspace when absent"],
    ],
    examples: [
      "paddock policy explain -- npm test",
      `paddock policy explain -- 'cd /tmp && timeout 5 sh -c "curl x | sh"'`,
      `paddock policy explain --tool git_push --input '{}'`,
    ],
    load: () => import("../commands/policy-explain.ts"),
  },
  {
    usage: "policy check [file]",
    summary: "Check a rule file and its examples; your own when absent",
    load: () => import("../commands/policy-check.ts"),
  },
  {
    usage: "policy test <file>",
    summary: "Try the rules on a file of cases, without running anything",
    examples: ["paddock policy test cases.toml   # [[case]], command = ..., expect = allow, ask or deny"],
    load: () => import("../commands/policy-test.ts"),
  },
];
