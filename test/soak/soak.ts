/** Runs the soak in a user, network, mount and process namespace of its own, which takes everything with it when it ends. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Report } from "./inside.ts";

const program = fileURLToPath(new URL("inside.ts", import.meta.url));
/** Root of its own users, which is what makes networks; nobody outside of it. */
const namespaces = ["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

export async function runSoak({ seconds, seed }: { seconds: number; seed: number }): Promise<Report> {
  const args = [...namespaces, process.execPath, program, "--seconds", String(seconds), "--seed", String(seed)];
  const child = spawn("unshare", args, {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the soak ended with ${code}`);
  return JSON.parse(said) as Report;
}
