/**
 * Git over HTTPS for cages. Inside, git is told to use the cage's own port instead of the hosts of the repositories that the
 * owner fixed; here exactly git's own requests to exactly those repositories pass, the login is attached, and a push asks.
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { isIP, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { connect as connectTls } from "node:tls";
import { PaddockError } from "@paddock/contract";
import { proxyInside } from "../../sandbox/cage.ts";
import { type AskingParts, askOwner, isOwnersQuestion, judge, mustBeAllowed } from "../asking.ts";
import type { Admission } from "../door.ts";
import { responseTo } from "../forward.ts";
import { addressesOf, type Resolve } from "../resolve.ts";
import { shownTarget, type Target, targetOf } from "../target.ts";
import type { Caller } from "../traffic-log.ts";
import { readPushHead } from "./push-commands.ts";
import { httpsPort, isPlainPath, type Repository, type RepositoryList, urlOf } from "./repository-list.ts";

/** Not imported by name: that would also load the WebSocket client of `node:http`, 30 ms and 13 MB. */
const { request: openRequest } = process.getBuiltinModule("node:http");

const prefix = "/git/";

/** One request of git's, understood and on the list. */
export interface GitRequest {
  target: Target;
  repository: Repository;
  /** Sent to the host after the repository's path. */
  rest: string;
  service: "git-upload-pack" | "git-receive-pack";
  /** What was read of the body already. */
  begun: Buffer;
}

export interface GatewayParts extends AskingParts {
  repositories: RepositoryList;
  resolve: Resolve;
}

export const isForGit = ({ url = "" }: IncomingMessage): boolean => url.startsWith(prefix);

/** Throws invalid_input for what git does not ask, and denied for a repository that is not on the list. */
export function gitRequestOf({ url = "", method }: IncomingMessage, repositories: RepositoryList): GitRequest {
  const [, authority = "", path = "", rest = "", inQuery, inPath] =
    /^\/git\/([^/]+)\/(.+?)(\/(?:info\/refs\?service=(git-(?:upload|receive)-pack)|(git-(?:upload|receive)-pack)))$/.exec(
      url,
    ) ?? [];
  const service = (inQuery ?? inPath) as GitRequest["service"] | undefined;
  const target = targetOf(authority, httpsPort);
  if (!target || service === undefined || !isPlainPath(path) || method !== (inQuery ? "GET" : "POST")) {
    throw new PaddockError("invalid_input", "This is no request of git's.");
  }
  const repository = repositories.find(target, path);
  if (!repository) throw notAllowed(urlOf({ ...target, path }), "is not on the owner's list");
  if (service === "git-receive-pack" && !repository.push) throw notAllowed(urlOf(repository), "is for reading only");
  return { target, repository, rest: `/${path}${rest}`, service, begun: Buffer.alloc(0) };
}

const notAllowed = (url: string, why: string): PaddockError =>
  new PaddockError("denied", `${url} ${why}.`, `The owner can change that: \`paddock git allow ${url} [--push]\`.`);

/** Asks about a push, and finds the host. Throws what the owner says otherwise. */
export async function admitGit(
  parts: GatewayParts,
  {
    caller,
    request,
    asked,
    signal,
  }: { caller: Caller; request: IncomingMessage; asked: GitRequest; signal: AbortSignal },
): Promise<Admission> {
  const { target, repository, service } = asked;
  if (service === "git-receive-pack" && request.method === "POST") {
    const { changes, bytes } = await readPushHead(request);
    asked.begun = bytes;
    if (changes.length > 0) await askToPush(parts, caller, { repository, changes, signal });
  } else await allowFetch(parts, caller, { repository, signal });
  const reach = isIP(target.host) === 0 ? (repository.internal ? "internal" : "public") : "named";
  return { addresses: await addressesOf(target.host, reach, parts.resolve), basis: "repository" };
}

/** Fixed by the owner, so that only an owner's own rule asks or refuses. */
async function allowFetch(
  parts: GatewayParts,
  caller: Caller,
  { repository, signal }: { repository: Repository; signal: AbortSignal },
): Promise<void> {
  const what = urlOf(repository);
  const judged = judge(parts, caller, wantedOf(repository, `git fetch ${what}`));
  if (!isOwnersQuestion(judged) || parts.grants.covers(judged)) return;
  mustBeAllowed(await askOwner(parts, caller, judged, { title: "Fetch from a repository", input: {}, signal }), what);
}

type Changes = Awaited<ReturnType<typeof readPushHead>>["changes"];

async function askToPush(
  parts: GatewayParts,
  caller: Caller,
  { repository, changes, signal }: { repository: Repository; changes: Changes; signal: AbortSignal },
): Promise<void> {
  const what = urlOf(repository);
  const judged = judge(parts, caller, wantedOf(repository, `git push ${what} ${changes.map(refspecOf).join(" ")}`));
  if (judged.decision.verdict === "allow" || parts.grants.covers(judged)) return;
  const verdict = await askOwner(parts, caller, judged, { title: "Push to a repository", input: { changes }, signal });
  mustBeAllowed(verdict, what);
}

/** The tool is named as the one that does the same, so that a rule about pushing holds for both. */
const wantedOf = (repository: Repository, command: string) => ({
  tool: command.startsWith("git push") ? "git_push" : "git_pull",
  what: urlOf(repository),
  wants: { network: true, hosts: [shownTarget(repository)], command },
});

const refspecOf = ({ ref, from, to }: Changes[number]): string => `'${from.slice(0, 12)}..${to.slice(0, 12)}:${ref}'`;

const passedOn = ["accept", "accept-encoding", "content-encoding", "content-length", "content-type", "git-protocol"];
const toldBack = ["cache-control", "content-encoding", "content-length", "content-type"];

/** Sends the request with the login that belongs to it, and git's answer back. A redirect is not followed and not passed on. */
export async function sendGit(
  { request, response, asked }: { request: IncomingMessage; response: ServerResponse; asked: GitRequest },
  { upstream, signal }: { upstream: Socket; signal: AbortSignal },
): Promise<void> {
  const { target, repository, rest, begun } = asked;
  const { host } = target;
  const secured = connectTls({ socket: upstream, ...(isIP(host) === 0 ? { servername: host } : { host }) });
  const outgoing = openRequest({
    method: request.method,
    path: rest,
    headers: headersOf(request, repository),
    setHost: false,
    createConnection: () => secured,
    signal,
  });
  if (begun.length > 0) outgoing.write(begun);
  const [sent, answered] = await Promise.allSettled([
    pipeline(request, outgoing, { signal }),
    answer(outgoing, response, { repository, signal }),
  ]);
  if (answered.status === "rejected") throw sent.status === "rejected" ? sent.reason : answered.reason;
}

async function answer(
  outgoing: ClientRequest,
  response: ServerResponse,
  { repository, signal }: { repository: Repository; signal: AbortSignal },
): Promise<void> {
  const incoming = await responseTo(outgoing);
  const { statusCode: status = 502, headers } = incoming;
  if (status >= 300) throw new PaddockError("unavailable", `${urlOf(repository)} answered with status ${status}.`);
  response.writeHead(status, pick(headers, toldBack));
  await pipeline(incoming, response, { signal });
}

function headersOf({ headers }: IncomingMessage, repository: Repository): Record<string, string> {
  const { login } = repository;
  return {
    host: shownTarget(repository).replace(/:443$/, ""),
    "user-agent": "git/2 (paddock)",
    ...pick(headers, passedOn),
    ...(headers["transfer-encoding"] === undefined ? {} : { "transfer-encoding": "chunked" }),
    ...(login ? { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}` } : {}),
    connection: "close",
  };
}

const pick = (headers: IncomingMessage["headers"], names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]]] : [])));

/** The variables by which git inside uses the gateway for the hosts of these repositories. */
export function gitEnvironment(repositories: readonly Repository[]): Record<string, string> {
  const hosts = [...new Map(repositories.map((one) => [shownTarget(one), one])).values()];
  const rules = hosts.flatMap(({ host, port }) => {
    const at = shownTarget({ host, port }).replace(/:443$/, "");
    const base = `http://${proxyInside.host}:${proxyInside.port}${prefix}${at}/`;
    const spellings = [`https://${at}/`, ...(port === httpsPort ? [`ssh://git@${host}/`, `git@${host}:`] : [])];
    return spellings.map((spelling) => [`url.${base}.insteadOf`, spelling] as const);
  });
  if (rules.length === 0) return {};
  return {
    GIT_CONFIG_COUNT: `${rules.length}`,
    ...Object.fromEntries(
      rules.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}
