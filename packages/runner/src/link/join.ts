/** Makes this machine known to a hub, with a code that the hub's owner gave. */
import { hash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { byeFrame, enrolledWord } from "@paddock/contract/link";
import { type JoinCode, readJoinCode } from "@paddock/link/join-code";
import {
  type Approach,
  approachHub,
  fingerprintOf,
  keyFromPem,
  type LinkKey,
  newKey,
  writePrivate,
} from "@paddock/link/sealed";
import * as z from "zod";
import { type Carriers, openCarriers } from "./carriers.ts";
import { hubAddress } from "./hub-address.ts";
import { type JoinedHub, joinedFile, readJoined } from "./joined.ts";

export { withHubProxy } from "./hub-proxy.ts";

export interface JoinOptions {
  /** The runner's state folder. */
  folder: string;
  url: string;
  code: string;
  /** What the machine is to be called. */
  name: string | undefined;
  /** Speak to an address without TLS. */
  plain: boolean;
  /** Names the proxy, if there is one. */
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Throws join_refused, wrong_hub, hub_unreachable, version_mismatch and invalid_input. Whoever is interrupted can say the same
 * again: the machine comes with the same key, and the hub answers the same.
 */
export async function joinHub({ folder, url, code, name, plain, environment }: JoinOptions): Promise<JoinedHub> {
  const parts = readJoinCode(code);
  const address = hubAddress(url, plain);
  const key = keyForCode(folder, code);
  const before = machineIn(folder);
  const enrolled = await enrol(openCarriers(address.link, environment), (done, failed) =>
    enrolment(key, parts, name, done, failed),
  );
  const now = machineIn(folder);
  if (now !== before && now !== enrolled.machine) throw tooLate(enrolled.name);
  const joined: JoinedHub = { url: address.url, plain, key: key.pem, ...enrolled };
  writePrivate(joinedFile(folder), JSON.stringify(joined));
  rmSync(joiningFile(folder), { force: true });
  return joined;
}

/** Which one this folder is, by a hub that it has joined; null also for a file that says nothing, which joining mends. */
function machineIn(folder: string): string | null {
  try {
    return readJoined(folder)?.machine ?? null;
  } catch (error) {
    if (error instanceof PaddockError) return null;
    throw error;
  }
}

/** Whoever comes later must not take the hub away that the earlier one was told it has joined. */
const tooLate = (name: string): PaddockError =>
  new PaddockError(
    "already_running",
    "Another `paddock join` into the same state folder was faster, and its hub stays.",
    `On the hub of this one: \`paddock machine remove ${name}\`.`,
  );

type Enrolled = Pick<JoinedHub, "hub" | "machine" | "name">;

/** Over whichever carrier the network lets through. */
async function enrol(
  carriers: Carriers,
  approach: (done: (enrolled: Enrolled) => void, failed: (reason: PaddockError) => void) => Approach,
): Promise<Enrolled> {
  const attempt = async (): Promise<Enrolled> => {
    const carrier = await carriers.open();
    return new Promise((resolve, reject) => approachHub(carrier, approach(resolve, reject)));
  };
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof PaddockError) || error.code !== "hub_unreachable") throw error;
    return await attempt();
  }
}

function enrolment(
  key: LinkKey,
  { secret, hub }: JoinCode,
  name: string | undefined,
  done: (enrolled: Enrolled) => void,
  failed: (reason: PaddockError) => void,
): Approach {
  return {
    key,
    purpose: "enrol",
    trusts: (hubKey) => fingerprintOf(hubKey) === hub,
    failed,
    ready(wire, signature, hubKey) {
      wire.listen({
        text(text) {
          const said = readWord(text);
          if (said?.type === "enrolled") done({ hub: hubKey, machine: said.machine, name: said.name });
          else if (said) failed(new PaddockError(said.code, said.message));
          wire.close();
        },
        bytes: () => wire.cut("the hub answered with something else"),
        closed: (reason) => failed(new PaddockError("hub_unreachable", `The hub did not answer: ${reason}.`)),
      });
      wire.text(JSON.stringify({ type: "enrol", signature, secret, name, hostname: hostname() }));
    },
  };
}

const word = z.discriminatedUnion("type", [enrolledWord, byeFrame]);

function readWord(text: string): z.infer<typeof word> | null {
  try {
    return word.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const joiningFile = (folder: string): string => join(folder, "join.json");
const joining = z.object({ code: z.string(), key: z.string() });

/** The key that belongs to this code, kept until the hub has answered. */
function keyForCode(folder: string, code: string): LinkKey {
  const codeHash = hash("sha256", code.trim());
  try {
    const known = joining.parse(JSON.parse(readFileSync(joiningFile(folder), "utf8")));
    if (known.code === codeHash) return keyFromPem(known.key);
  } catch {
    // None was begun, or it cannot be read: then a new one is as good.
  }
  const key = newKey();
  writePrivate(joiningFile(folder), JSON.stringify({ code: codeHash, key: key.pem }));
  return key;
}
