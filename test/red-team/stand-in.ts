/**
 * What Paddock is compared with: tools that do what they are told with the rights of the owner's account, each with the
 * mistake that a row names. The attacks are made against it in a scene of its own, to see that they would work.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Envelope } from "../world/callers.ts";
import { sent } from "./door.ts";
import { openNaiveHub, send } from "./http.ts";
import type { Attacker, Weakness } from "./mechanism.ts";
import { naivePath } from "./naive-path.ts";
import { openNaiveProxy, openNamedProxy } from "./naive-proxy.ts";
import { openNaiveQuestions } from "./naive-questions.ts";
import { naiveTools } from "./naive-tools.ts";
import type { Scene } from "./scene.ts";
import { openSharedShell } from "./shared-shell.ts";

/** Whoever looks at the text of a command only, looks for these. */
const listed = /\b(cat|head|tail|less|cp)\b|\.ssh|id_ed25519/;

export function openStandIn(scene: Scene, open: AsyncDisposableStack, weakness?: Weakness): Attacker {
  let heard = "";
  let address: Promise<string> | null = null;
  let proxy: Promise<number> | null = null;
  let names: Promise<number> | null = null;
  const shared = weakness === "one shell for all" ? open.use(openSharedShell(scene)) : null;
  const sh = async (script: string): Promise<string> => {
    if (weakness === "blocklist" && listed.test(script)) return "refused";
    if (shared) return shared.run(script);
    proxy ??= weakness === "goes anywhere" ? openNaiveProxy(open) : null;
    const way = proxy ? `export HTTP_PROXY=http://127.0.0.1:${await proxy}; ` : "";
    const said = await plainBash(`${way}${script}`, scene, weakness === "keeps capabilities" ? mightyCage(scene) : []);
    heard += `${said}\n`;
    return said;
  };
  const asked = openNaiveQuestions();
  const attacker: Attacker = {
    get heard() {
      return heard;
    },
    sh,
    token: "pad_of-somebody",
    runs: ["run_of_somebody"],
    another: async () => attacker,
    owner: asked.owner,
    say: obedient((tool, input) => attacker.call(tool, input)),
    // Nothing is kept of what was done before.
    restart: async () => undefined,
    async send(bytes) {
      names ??= openNamedProxy(open);
      const answer = await sent(await names, bytes);
      heard += `${answer}\n`;
      return answer;
    },
    async http(request) {
      address ??= openNaiveHub(open, attacker.call);
      const answer = await send(await address, request);
      heard += `${answer.text}\n`;
      return answer;
    },
    async call(tool, input = {}) {
      const at = once(naivePath(scene, weakness));
      const answer = await envelopeOf(tool, async () => {
        const act = naiveTools[tool];
        if (!act) throw new Error("no such tool");
        await asked.about(input);
        return act(input as Record<string, never>, { at, sh, work: scene.work });
      });
      heard += `${JSON.stringify(answer)}\n`;
      return answer;
    },
  };
  return attacker;
}

/** A machine that does what its hub says: who was told more, gives more. */
function obedient(call: Attacker["call"]): Attacker["say"] {
  const waiting: (() => Promise<Envelope>)[] = [];
  let last = "";
  return async (frame) => {
    const { type, tool = "", input = {} } = frame as { type: string; tool?: string; input?: { needs?: object } };
    if (type === "call" && input.needs) waiting.push(() => call(tool, { ...input, needs: undefined }));
    else if (type === "call") last = JSON.stringify(await call(tool, input));
    else if (type !== "query" && type !== "cancel")
      for (const act of waiting.splice(0)) last = JSON.stringify(await act());
    return last;
  };
}

/** A path is checked once in a call. */
function once(at: (path: string) => string): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    const found = known.get(path) ?? at(path);
    known.set(path, found);
    return found;
  };
}

async function envelopeOf(tool: string, act: () => unknown): Promise<Envelope> {
  try {
    return { ok: true, tool, summary: "", data: { content: await act() } };
  } catch (error) {
    return { ok: false, tool, summary: String(error), data: { code: "failed" } };
  }
}

/** Covers a credential and makes a folder read-only, as a cage does, and has namespaces of its own. */
const mightyCage = ({ sshKey, outside }: Scene): readonly string[] => [
  ...["bwrap", "--dev-bind", "/", "/", "--proc", "/proc"],
  ...["--ro-bind", "/dev/null", sshKey, "--ro-bind", outside, outside],
  ...["--unshare-user", "--unshare-pid", "--unshare-uts", "--unshare-net", "--unshare-ipc"],
  ...["--uid", "0", "--gid", "0", "--cap-add", "ALL", "--"],
];

const longestMs = 20_000;

/** With the owner's environment, and a descriptor that a careless parent left open. */
async function plainBash(script: string, scene: Scene, within: readonly string[]): Promise<string> {
  const { here, owner, outside, services } = scene;
  const left = openSync(join(outside, "secret.txt"), "r");
  const [program = "", ...args] = [...within, "bash", "--norc", "-c", script];
  const child = spawn(program, args, {
    cwd: here,
    env: { LANG: "C.UTF-8", ...services.environment, HOME: owner },
    stdio: ["ignore", "pipe", "pipe", left],
    timeout: longestMs,
    killSignal: "SIGKILL",
  });
  closeSync(left);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("latin1").on("data", (text) => {
      said += text;
    });
  }
  await new Promise((resolve) => child.on("close", resolve));
  return said;
}
