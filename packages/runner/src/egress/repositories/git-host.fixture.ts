/** A git host for tests: git's own http-backend behind HTTPS on loopback, with a certificate that is trusted while it runs. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

export interface GitHost extends AsyncDisposable {
  port: number;
  /** Folder of the repositories. */
  root: string;
  /** What was asked for, with the login that came with it. */
  seen: { method: string; url: string; login: string | null }[];
}

const hostName = "git.test";

export async function makeGitHost(): Promise<GitHost> {
  const folder = mkdtempSync(join(tmpdir(), "paddock-git-host-"));
  const seen: GitHost["seen"] = [];
  const trusted = getCACertificates("default");
  const identity = certificate(folder);
  setDefaultCACertificates([...trusted, identity.cert]);
  const server = createServer(identity, (request, response) => {
    const login = request.headers.authorization?.replace(/^Basic /, "") ?? null;
    const { method = "", url = "" } = request;
    seen.push({ method, url, login: login === null ? null : Buffer.from(login, "base64").toString() });
    if (url.startsWith("/moved")) response.writeHead(302, { location: "https://git.test/elsewhere" }).end();
    else backend(folder, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...{ port: (server.address() as { port: number }).port, root: folder, seen },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      setDefaultCACertificates(trusted);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function certificate(folder: string): { key: string; cert: string } {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", `/CN=${hostName}`, "-addext", `subjectAltName=DNS:${hostName}`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const { headers } = request;
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      REMOTE_USER: "somebody",
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: String(headers["content-encoding"] ?? ""),
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      ...(headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: headers["content-length"] }),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("close", () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf("\r\n\r\n");
    const lines = all
      .toString("latin1", 0, Math.max(0, end))
      .split("\r\n")
      .map((line) => line.split(": "));
    const status = Number(lines.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(lines.filter(([name]) => name !== "Status")));
    response.end(all.subarray(end + 4));
  });
}
