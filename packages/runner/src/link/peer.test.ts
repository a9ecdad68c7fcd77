import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { newId, type RunId } from "@paddock/contract";
import { protocolVersion } from "@paddock/contract/link";
import { plainWire } from "@paddock/link";
import { WebSocket, WebSocketServer } from "ws";
import { openLedger } from "../ledger/ledger.ts";
import { openPeer, type PeerParts } from "./peer.ts";

const principal = { id: "tok_1", name: "laptop", surface: "mcp", toolset: "core", workspaces: [] } as const;

/** Runs that ended while the hub was away. */
function endedRuns(ledger: PeerParts["ledger"], count: number): RunId[] {
  return Array.from({ length: count }, (_, at) => {
    const run = newId("run");
    const call = { tool: "run_command", principal: { ...principal, workspaces: [] }, workspace: "/w", input: {} };
    ledger.begin({ run, ...call, deadline: 1, via: "hub", state: "running" }, at, "now");
    ledger.end(run, { state: "completed", ok: true, envelope: Buffer.from(`{"at":${at}}`), content: null }, at, "now");
    return run;
  }).toSorted();
}

test("after an absence all results go out again, some at once, whatever the hub says twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "paddock-peer-"));
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const ledger = openLedger(join(folder, "ledger.sqlite3"));
  try {
    const runs = endedRuns(ledger, 50);
    let atOnce = 0;
    const watched: PeerParts["ledger"] = {
      ...ledger,
      unacknowledged(after, most) {
        const page = ledger.unacknowledged(after, most);
        atOnce = Math.max(atOnce, page.length);
        return page;
      },
    };
    const heads = { greeting: () => null, hear() {}, forget() {}, onWord: () => () => {} };
    const parts = { ledger: watched, heads, via: "hub", boot: "b", machine: "m", inbox: null, about: () => ({}) };
    const more = {
      audit: { write() {}, mustBeWritable() {} },
      endPrincipal() {},
      ownKey: null,
      onBye() {},
      onClosed() {},
      log: { warn() {} },
      gate: {},
    };
    server.on("connection", (socket) => openPeer(plainWire(socket), { ...parts, ...more } as unknown as PeerParts));
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const hub = new WebSocket(`ws://127.0.0.1:${port}`);
    const heard: string[] = [];
    hub.on("message", (data, isBinary) => {
      const frame = isBinary ? null : JSON.parse(String(data));
      if (frame?.type === "result") heard.push(frame.run);
    });
    await once(hub, "open");
    const welcome = JSON.stringify({ type: "welcome", version: protocolVersion, hub: "h" });
    hub.send(welcome);
    hub.send(welcome);
    for (let tries = 0; heard.length < runs.length && tries < 2_000; tries += 1) await wait(10);
    hub.terminate();
    assert.deepEqual([heard, atOnce], [runs, 8]);
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
    ledger.close();
    rmSync(folder, { recursive: true });
  }
});
