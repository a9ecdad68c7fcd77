/** Both ends of a file transfer. The hub joins their streams. */
import { resolve } from "node:path";
import type { Duplex } from "node:stream";
import { PaddockError } from "@paddock/contract";
import type { Checkpoints } from "../checkpoints/checkpoints.ts";
import { receive } from "../transfer/receive.ts";
import { send } from "../transfer/send.ts";
import { shortHash } from "../transfer/tag.ts";
import { keptFields } from "./file-parts.ts";
import { written } from "./files-written.ts";
import type { Call, Handlers } from "./handler.ts";

export function transferHandlers(checkpoints: Checkpoints): Handlers<"transfer_file" | "send_file"> {
  /** Targets that something is on its way to. */
  const busy = new Set<string>();
  return {
    transfer_file: {
      wants: ({ to_path: path }, { workspace }) => ({ paths: [{ path: resolve(workspace, path), access: "write" }] }),
      async run({ from_machine: machine = "", from_path: from, to_path: path, overwrite }, call) {
        const { roots, domain, signal } = call;
        const place = await written(call, path);
        const key = shortHash([domain, machine, from, place.absolute]);
        if (busy.has(key)) throw new PaddockError("path_exists", "The same file is on its way there already.");
        busy.add(key);
        try {
          const created = (await roots.stat(place)) === null;
          const kept = await checkpoints.beforeChange(call, `transfer_file ${place.absolute}`, [place]);
          const open = (tag: string) => roots.openPart(place, { key, tag, overwrite });
          const { size, sha256, resumedFrom } = await receive(streamOf(call), open, signal);
          return {
            summary: `${place.absolute} has come whole, ${size} bytes`,
            data: { path: place.absolute, size, sha256, created, resumed_from: resumedFrom, ...keptFields(kept) },
          };
        } finally {
          busy.delete(key);
        }
      },
    },
    send_file: {
      wants: ({ path }, { workspace }) => ({ paths: [{ path: resolve(workspace, path), access: "read" }] }),
      async run({ path }, call) {
        const place = call.roots.locate(path, call.workspace);
        await using file = await call.roots.open(place);
        const { size, sha256 } = await send(file, streamOf(call), call.signal);
        return { summary: `${place.absolute} was sent, ${size} bytes`, data: { path: place.absolute, size, sha256 } };
      },
    },
  };
}

function streamOf({ stream }: Call): Duplex {
  if (stream) return stream;
  throw new PaddockError("too_many", "No stream to the other machine could be opened.", "Call again in a moment.");
}
