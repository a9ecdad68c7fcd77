/** A client with a token of its own reaches for what belongs to another, or for more than its token allows. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Attacker, Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

type Attack = (attacker: Attacker, scene: Scene) => Promise<unknown>;

const row = (id: string, tries: string, defence: string, attack: Attack, more: Partial<Mechanism> = {}): Mechanism => ({
  id: `callers/${id}`,
  tries,
  defence,
  harm: "line crossed",
  attack,
  ...more,
});

const bound = "that what a caller has is bound to that caller";
const ceiling = "that a token's toolset is a ceiling";
/** What one caller is told, and no other may be. */
const own = "echo private-$((6 * 7))";
const told = "private-42";

/** Calls that change something, or start something. */
const writing = (here: string): readonly (readonly [tool: string, input: object])[] => {
  const path = join(here, "written");
  return [
    ["write_file", { path, content: "x" }],
    ["write_file_base64", { path, content: "eA==" }],
    ["create_directory", { path }],
    ["apply_patch", { patch: `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch` }],
    ["copy_file", { source: join(here, "given"), destination: path }],
    ["move_file", { source: join(here, "given"), destination: path }],
    ["run_command", { command: `touch ${path}` }],
    ["start_process", { command: `touch ${path}; sleep 1` }],
    ["delete_file", { path: join(here, "given") }],
    ["edit_file", { path: join(here, "given"), old_text: "given", new_text: "changed" }],
  ];
};

/** Makes the calls that `toolset` may not make; says which of them had an effect. */
async function trespass(attacker: Attacker, { here, cross }: Scene, toolset: string, address = ""): Promise<void> {
  const given = join(here, "given");
  await attacker.call("write_file", { path: given, content: "given" });
  const limited = await attacker.another({ toolset });
  for (const [tool, body] of writing(here)) {
    await limited.http({ method: "POST", path: `/api/v1/tools/${tool}${address}`, body });
    const isChanged = !existsSync(given) || readFileSync(given, "utf8") !== "given";
    if (isChanged || existsSync(join(here, "written"))) return cross(`${tool} had an effect`);
  }
}

export const otherCallers: readonly Mechanism[] = [
  row(
    "run",
    "read the answer of another's run by its id",
    bound,
    async (attacker, { cross }) => {
      await attacker.sh(own);
      const other = await attacker.another();
      const { text } = await other.http({ path: `/api/v1/runs/${attacker.runs.at(-1)}` });
      const again = await other.http({
        method: "POST",
        path: "/api/v1/tools/get_run",
        body: { id: attacker.runs.at(-1) },
      });
      if (`${text}${again.text}`.includes(told)) cross(text);
    },
    {
      control: async ({ http, sh }, { cross }) => {
        const said = await sh(own);
        await http({ method: "POST", path: "/api/v1/tools/run_command", body: { command: own } });
        if (said.includes(told) && (await http({ path: "/api/v1/runs/1" })).text.includes(told)) cross(told);
      },
    },
  ),
  row(
    "key",
    "get another's answer by using the key of its call",
    bound,
    async (attacker, { cross }) => {
      const request = {
        method: "POST",
        path: "/api/v1/tools/run_command",
        headers: { "idempotency-key": "the-very-same" },
      };
      await attacker.http({ ...request, body: { command: own } });
      const other = await attacker.another();
      if ((await other.http({ ...request, body: { command: own } })).headers["paddock-run"] === attacker.runs.at(-1))
        cross("the same run");
      if ((await other.http({ ...request, body: { command: "echo mine" } })).text.includes(told)) cross(told);
    },
    {
      control: async ({ http }, { cross }) => {
        await http({ method: "POST", path: "/api/v1/tools/run_command", body: { command: own } });
        if ((await http({ method: "POST", path: "/answer-of-the-very-same" })).text.includes(told)) cross(told);
      },
    },
  ),
  row("folder", "read what another has put into its private home", bound, async (attacker, { cross }) => {
    await attacker.sh(`echo ${told} >~/note`);
    const other = await attacker.another();
    if ((await other.sh("cat ~/note ~/../*/note")).includes(told)) cross(told);
    await attacker.sh("rm -f ~/note");
  }),
  row("temporary-files", "read another's temporary files", bound, async (attacker, { cross }) => {
    const name = `/tmp/note-${process.pid}`;
    await attacker.sh(`echo ${told} >${name}`);
    if ((await (await attacker.another()).sh(`cat ${name}`)).includes(told)) cross(told);
    await attacker.sh(`rm -f ${name}`);
  }),
  row("processes", "see another's programs", bound, async (attacker, { cross }) => {
    await attacker.sh("sleep 3.1415 >/dev/null 2>&1 &");
    const said = await (await attacker.another()).sh(
      "tr '\\0' ' ' </dev/null; for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; done 2>/dev/null | grep -o 'sleep 3[.]1415'",
    );
    if (said.includes("sleep 3.1415")) cross(said);
  }),
  row(
    "memory",
    "read another's variables of its shell",
    bound,
    async (attacker, { cross }) => {
      await attacker.sh(`export NOTE=${told}`);
      const other = await attacker.another();
      if ((await other.sh("echo $NOTE; env")).includes(told)) cross(told);
    },
    { weakness: "one shell for all" },
  ),
  row("port", "reach a port that another listens on", bound, async (attacker, { cross }) => {
    const port = 20_000 + (process.pid % 10_000);
    const serve = `perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => ${port}, ReuseAddr => 1); alarm 3; print {$s->accept} "${told}\\n"'`;
    await attacker.sh(`${serve} >/dev/null 2>&1 & sleep 0.3`);
    if ((await (await attacker.another()).sh(`exec 5<>/dev/tcp/127.0.0.1/${port} && cat <&5`)).includes(told))
      cross(told);
  }),
  row(
    "toolset-readonly",
    "change things with a token that may only read",
    ceiling,
    (attacker, scene) => trespass(attacker, scene, "readonly"),
    { refusedAsInput: true },
  ),
  row(
    "toolset-in-address",
    "have the address give a token more tools",
    ceiling,
    (attacker, scene) => trespass(attacker, scene, "readonly", "?toolset=full"),
    { refusedAsInput: true },
  ),
  row(
    "toolset-core",
    "use tools that a token for the usual ones has not",
    ceiling,
    async (attacker, { here, cross }) => {
      const core = await attacker.another({ toolset: "core" });
      const body = { path: join(here, "made") };
      await core.http({ method: "POST", path: "/api/v1/tools/create_directory", body });
      if (existsSync(body.path)) cross("create_directory had an effect");
    },
  ),
  row(
    "workspace-in-address",
    "have the address give a token another workspace",
    "that a token's workspaces are a ceiling",
    async (attacker, scene) => {
      const limited = await attacker.another({ workspace: scene.work });
      const body = { path: join(scene.other, "secret.md") };
      const path = `/api/v1/tools/read_text_file?workspace=${encodeURIComponent(scene.other)}`;
      const { text } = await limited.http({ method: "POST", path, body });
      if (text.includes(scene.mark)) scene.cross(text);
    },
  ),
  row(
    "masked-token",
    "have a token be kept in the audit log",
    "that secrets are masked where they are written",
    async (attacker, { state, cross }) => {
      await attacker.sh(`: curl -H 'Authorization: Bearer ${attacker.token}' --token=${attacker.token}`);
      for (const service of ["hub", "runner"]) {
        if (readFileSync(join(state, service, "audit.jsonl"), "utf8").includes(attacker.token))
          cross(`the log of the ${service} holds it`);
      }
    },
    {
      control: async ({ token }, { cross }) => {
        const line = JSON.stringify({ tool: "run_command", input: { command: `curl --token=${token}` } });
        if (line.includes(token)) cross("what is written as it came holds it");
      },
    },
  ),
];
