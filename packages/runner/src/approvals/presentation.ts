/**
 * A call as its owner is shown it: what would run, where, for whom, why it is asked, and how much there is to lose. Text that
 * an agent chose is marked, bounded, and without characters that hide or steer.
 */
import { hash } from "node:crypto";
import { mixesAlphabets, type ShownLine, type ShownQuestion, visible, visibleLine } from "@paddock/contract";
import { type TextKey, texts } from "@paddock/contract/texts";
import { type Decision, type Invocation, type Request, type Script, wishesOf } from "@paddock/policy";
import { readScript } from "../gate/shell-text.ts";
import { moreFiles } from "./program-files.ts";
import { riskOf } from "./risk.ts";

export interface Presented {
  request: Request;
  decision: Decision;
  /** The tool's title. */
  title: string;
  /** The parsed input; shown where nothing else says what the call is about. */
  input: object;
  /** What an edit would change. */
  diff?: string | undefined;
  /** The files that the invocations stand for, as they were found. */
  programs?: readonly string[];
  caller: string;
  machine: string;
  /** Others stand and fall with it. */
  isOfBatch?: boolean;
  /** Of an agent's text that a line shows. */
  mostCharacters: number;
}

/** Of one command, which the whole text shows again. */
const maxCommand = 1_000;
/** Of one line, when odd characters are escaped. */
const maxEscaped = 16_000;
const maxInvocations = 16;
const maxPaths = 16;

export function present(about: Presented): Pick<ShownQuestion, "machine" | "assurance" | "risk" | "lines"> {
  const { request, decision, machine } = about;
  const script = request.wants.command === undefined ? null : readScript(request.wants.command);
  const lines = linesOf(about, script);
  return {
    machine: short(machine),
    assurance: decision.assurance,
    risk: riskOf(request, script, lines.some(isWarning)),
    lines,
  };
}

function linesOf(about: Presented, script: Script | null): ShownLine[] {
  const { request, title, caller, machine, programs = [] } = about;
  const { wants, workspace, surface, tool } = request;
  const content = contentOf(about);
  return [
    own("tool", `${title} (${tool})`),
    ...(about.isOfBatch ? [phrase("batch", "part_of_batch")] : []),
    ...warningsOf(content, script, programs.includes(moreFiles)),
    ...content,
    ...invocationLines(script, wants.command),
    ...programs.slice(0, maxInvocations).map((program) => own("program", short(program))),
    ...(wants.directory === undefined ? [] : [own("directory", short(wants.directory))]),
    own("workspace", short(workspace)),
    ...(wants.server === undefined ? [] : [own("server", short(wants.server))]),
    ...wishLines(request),
    ...(wants.reason ? [agents("reason", wants.reason, about.mostCharacters)] : []),
    own("machine", short(machine)),
    own("caller", `${short(caller)} (${surface})`),
    ...ruleLines(about.decision),
  ];
}

/** What the call is about, in the words of its caller. */
function contentOf({ request, input, diff, mostCharacters }: Presented): ShownLine[] {
  const { command } = request.wants;
  if (command !== undefined) return [agents("command", command, mostCharacters)];
  if (diff !== undefined) return [agents("diff", diff, mostCharacters)];
  return [agents("input", JSON.stringify(input, null, 2), mostCharacters)];
}

function warningsOf(content: readonly ShownLine[], script: Script | null, isOverfull: boolean): ShownLine[] {
  const words = content.map(({ text }) => text);
  return [
    ...(isOverfull || (script && script.unresolved.length > 0) ? [warning("unresolved")] : []),
    ...(words.some((text) => /\\u\{[0-9a-f]+\}/.test(text)) ? [warning("odd_characters")] : []),
    ...(words.some(mixesAlphabets) ? [warning("mixed_alphabets")] : []),
    ...(content.some(({ whole }) => whole !== undefined) ? [warning("cut")] : []),
  ];
}

/** Nothing where the command says the same. */
const invocationLines = (script: Script | null, command: string | undefined): ShownLine[] =>
  (script?.invocations ?? [])
    .slice(0, maxInvocations)
    .map(invocationLine)
    .filter(({ text }) => text !== command);

function invocationLine({ program, args, through, text }: Invocation): ShownLine {
  if (program === null || args.includes(null)) return agents("invocation", text, maxCommand);
  const words = [program, ...args].map((word) => quoted(word ?? ""));
  return agents("invocation", [...through.map((wrapper) => `${wrapper} ›`), ...words].join(" "), maxCommand);
}

function wishLines(request: Request): ShownLine[] {
  const paths = request.wants.beyond ?? [];
  const more = paths.length - maxPaths;
  return [
    ...wishesOf(request).flatMap((wish) => (wish === "beyond" ? [] : [phrase("wish", `wish_${wish}`)])),
    ...paths.slice(0, maxPaths).map(({ path, access }) => own("path", `${access} ${short(path)}`)),
    ...(more > 0 ? [own("path", `+ ${more}`)] : []),
  ];
}

const ruleLines = ({ because }: Decision): ShownLine[] =>
  because
    .filter(({ verdict }) => verdict === "ask")
    .slice(0, 8)
    .map(({ id, reason }) => ({
      ...own("rule", visible(reason).slice(0, 1000)),
      phrase: `rule_${id.replaceAll("-", "_")}`.slice(0, 64),
    }));

const own = (label: ShownLine["label"], text: string): ShownLine => ({ label, text, from: "paddock" });

function phrase(label: ShownLine["label"], key: TextKey): ShownLine {
  return { ...own(label, texts.en[key]), phrase: key };
}

const warning = (key: "unresolved" | "odd_characters" | "mixed_alphabets" | "cut"): ShownLine =>
  phrase("warning", `warning_${key}`);
const isWarning = ({ label }: ShownLine): boolean => label === "warning";

/** Bounded; what is cut is named by its length and hash, so that a beginning cannot pass for the whole. */
function agents(label: ShownLine["label"], text: string, most: number): ShownLine {
  const shown = visible(text.slice(0, most));
  const line: ShownLine = { label, text: shown.slice(0, maxEscaped), from: "agent" };
  if (text.length <= most && shown.length <= maxEscaped) return line;
  return { ...line, whole: { characters: text.length, digest: hash("sha256", text) } };
}

const short = (text: string): string => visibleLine(text.slice(0, 400));

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
