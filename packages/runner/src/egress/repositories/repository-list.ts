/**
 * The git repositories that cages may reach over HTTPS, as the owner fixed them, with the logins that are attached outside.
 * One file of the owner's account alone, in the state folder, which no cage sees.
 */
import { PaddockError, rememberSecret } from "@paddock/contract";
import * as z from "zod";
import { keptFile } from "../../kept-file.ts";
import { shownTarget, type Target, targetOf } from "../target.ts";

const login = z.strictObject({ user: z.string().max(256), password: z.string().min(1).max(4096) });
const entry = z.strictObject({
  host: z.string().max(300),
  port: z.number().int().min(1).max(65_535),
  /** Without slashes around it and without `.git`. */
  path: z.string().max(1000),
  push: z.boolean(),
  /** Whether the name may lead to an address of the owner's own networks. */
  internal: z.boolean(),
  login: login.nullable(),
});
const file = z.strictObject({ version: z.literal(1), repositories: z.array(entry).max(1000) });

export type Repository = z.output<typeof entry>;
export type RepositoryWish = Pick<Repository, "push" | "internal" | "login"> & { url: string };

export interface RepositoryList {
  readonly all: readonly Repository[];
  /** The repository at a path of a host, written with or without `.git`. */
  find(target: Target, path: string): Repository | null;
  /** Throws invalid_input. An entry of the same repository is replaced; without a login it keeps the one it has. */
  allow(wish: RepositoryWish): Repository;
  /** Throws not_found, and invalid_input. */
  remove(url: string): Repository;
  /** Called after each change. */
  onChange(act: () => void): void;
}

/** Throws invalid_config for a damaged file. */
export function openRepositoryList(path: string): RepositoryList {
  const stored = keptFile(path, file, "Correct it, or remove it to begin anew.");
  let all: readonly Repository[] = stored.read()?.repositories ?? [];
  for (const { login } of all) if (login) rememberSecret(login.password);
  const changed: (() => void)[] = [];
  const save = (repositories: Repository[]) => {
    stored.write({ version: 1, repositories });
    all = repositories;
    for (const act of changed) act();
  };
  const find: RepositoryList["find"] = (target, wanted) =>
    all.find(({ host, port, path }) => host === target.host && port === target.port && path === bare(wanted)) ?? null;
  return {
    get all() {
      return all;
    },
    find,
    allow({ url, push, internal, login }) {
      const place = placeOf(url);
      const known = find(place, place.path);
      const repository = { ...place, push, internal, login: login ?? known?.login ?? null };
      if (login) rememberSecret(login.password);
      save([...all.filter((other) => other !== known), repository]);
      return repository;
    },
    remove(url) {
      const place = placeOf(url);
      const gone = find(place, place.path);
      if (!gone) throw new PaddockError("not_found", `${urlOf(place)} is not on the list.`, "See `paddock git list`.");
      save(all.filter((other) => other !== gone));
      return gone;
    },
    onChange: (act) => void changed.push(act),
  };
}

type Place = Pick<Repository, "host" | "port" | "path">;

export const urlOf = ({ host, port, path }: Place): string =>
  `https://${port === httpsPort ? shownTarget({ host, port }).replace(/:443$/, "") : shownTarget({ host, port })}/${path}`;

export const httpsPort = 443;
const bare = (path: string): string => path.replace(/\.git$/, "");

/** A path that every server reads in the same way: no escapes, no empty part, none that begins with a dot. */
export const isPlainPath = (path: string): boolean => /^[\w~+@-][\w.~+@-]*(?:\/[\w~+@-][\w.~+@-]*)*$/.test(path);

function placeOf(url: string): Place {
  const [, authority = "", rest = ""] = /^https:\/\/([^/?#]+)\/(.+?)\/?$/i.exec(url) ?? [];
  const target = targetOf(authority, httpsPort);
  const path = bare(rest);
  if (target && isPlainPath(path)) return { ...target, path };
  throw new PaddockError(
    "invalid_input",
    "This is not the address of a repository.",
    "Give https://HOST/PATH without a user name or a token in it; a token goes to standard input, with --token-stdin.",
  );
}
