/**
 * A real nginx or Caddy with TLS before a hub. Each runs the very file that docs/proxies hands out; replaced are only the
 * ports, and where the certificate is.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

/** `careless` is the nginx of somebody who passes requests on and has heard of nothing else. */
export type ProxyKind = "nginx" | "caddy" | "careless";

export const publicName = "paddock.example.org";
const guides = fileURLToPath(new URL("../../docs/proxies/", import.meta.url));

export interface Certificate {
  /** Files; the certificate is its own authority. */
  cert: string;
  key: string;
}

export interface Ports {
  /** Of the proxy. */
  port: number;
  hubPort: number;
  /** The address that the proxy listens on; 127.0.0.1 by default. */
  host?: string;
}

/** A certificate for the public name, made for this test. */
export function makeCertificate(folder: string, name = publicName): Certificate {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { cert, key };
}

export async function startProxy(kind: ProxyKind, ports: Ports, certificate: Certificate): Promise<AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), `paddock-${kind}-`));
  const [program, ...args] = commands[kind](folder, ports, certificate);
  const child = spawn(program, args, {
    env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  await until(() => {
    if (hasEnded(child)) throw new Error(`${kind} ended: ${said}`);
    return listens(ports);
  });
  return {
    async [Symbol.asyncDispose]() {
      if (!hasEnded(child)) {
        child.kill("SIGTERM");
        await new Promise((resolve) => child.once("exit", resolve));
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Command = readonly [program: string, ...args: string[]];

const commands: Record<ProxyKind, (folder: string, ports: Ports, certificate: Certificate) => Command> = {
  nginx: (folder, ports, certificate) => nginxIn(folder, nginxSite(ports, certificate)),
  careless: (folder, ports, certificate) => {
    const careful = /^ *proxy_(http_version|set_header (Upgrade|Connection)|buffering|read_timeout) .*\n/gm;
    return nginxIn(folder, nginxSite(ports, certificate).replaceAll(careful, ""));
  },
  caddy(folder, { port, hubPort, host = "127.0.0.1" }, { cert, key }) {
    const site = replaced("Caddyfile", [
      [`\n${publicName} {`, `\nhttps://${publicName}:${port} {\n\tbind ${host}\n\ttls ${cert} ${key}`],
      ["127.0.0.1:7420", `127.0.0.1:${hubPort}`],
    ]);
    const file = join(folder, "Caddyfile");
    writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n${site}`);
    return ["caddy", "run", "--adapter", "caddyfile", "--config", file];
  },
};

const nginxSite = ({ port, hubPort, host = "127.0.0.1" }: Ports, { cert, key }: Certificate): string =>
  replaced("nginx.conf", [
    ["listen 443 ssl;", `listen ${host}:${port} ssl;`],
    ["listen [::]:443 ssl;", ""],
    [`/etc/letsencrypt/live/${publicName}/fullchain.pem`, cert],
    [`/etc/letsencrypt/live/${publicName}/privkey.pem`, key],
    ["127.0.0.1:7420", `127.0.0.1:${hubPort}`],
  ]);

function nginxIn(folder: string, site: string): Command {
  writeFileSync(join(folder, "site.conf"), site);
  writeFileSync(join(folder, "nginx.conf"), nginxAround(folder));
  return ["nginx", "-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"];
}

function replaced(file: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`docs/proxies/${file} has no ${JSON.stringify(from)}`);
      return text.replaceAll(from, to);
    },
    readFileSync(join(guides, file), "utf8"),
  );
}

/** What a distribution's own nginx.conf has around a site. */
const nginxAround = (folder: string): string => `
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
pid ${folder}/pid;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  include ${folder}/site.conf;
}
`;

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

const listens = ({ port, host = "127.0.0.1" }: Ports): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
