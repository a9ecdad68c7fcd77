import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { serverSchema } from "./config.ts";
import type { Place } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { openPool } from "./pool.ts";

test("a server that cannot be ended when nobody waits for it is told, and takes nothing with it", async () => {
  const told: string[] = [];
  const stuck: Connection = {
    gone: new Promise(() => {}),
    tools: async () => [],
    call: async () => ({}),
    close: () => Promise.reject(new Error("it does not end")),
  };
  const pool = openPool({
    connect: async () => stuck,
    describe: String,
    isBroken: () => false,
    idleSeconds: 0.001,
    now: Date.now,
    log: { error: (_, message) => void told.push(message) },
  });
  const server = (command: string) => serverSchema.parse({ id: "stuck", transport: "stdio", command });
  const place = { domain: "me" } as Place;
  await pool.use(server("first"), place, async () => {});
  for (let tries = 0; told.length < 1 && tries < 2_000; tries += 1) await wait(10);
  await pool.use(server("second"), place, async () => {});
  await pool.use(server("third"), place, async () => {});
  for (let tries = 0; told.length < 3 && tries < 2_000; tries += 1) await wait(10);
  assert.deepEqual([...new Set(told)], ["a bridged server could not be ended"]);
});
