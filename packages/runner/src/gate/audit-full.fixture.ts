/** Runs in a cage whose /tmp is small: fills the disk below an audit log, makes room again, and prints what came of it. */
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { openAuditLog, verifyLog } from "@paddock/audit";

const folder = "/tmp/audit";
mkdirSync(folder);
const log = openAuditLog({
  ...{ folder, maxBytes: 1e8, keep: 1, mask: (text: string) => text },
  log: { error: () => undefined },
});

/** As many as do not fit into what is left of a page. */
function writeMany(): void {
  for (let count = 0; count < 50; count += 1) log.write({ event: "call.started", tool: `tool-${count}` });
  log.seal();
}

function fill(): void {
  try {
    for (;;) appendFileSync("/tmp/fill", Buffer.alloc(4_096));
  } catch {
    // It is full.
  }
}

const writable: boolean[] = [];
writeMany();
writable.push(log.writable);
fill();
writeMany();
writable.push(log.writable);
rmSync("/tmp/fill");
writable.push(log.writable);
writeMany();
log.close();
const { ok, records, faults } = verifyLog(folder, []);
console.log(JSON.stringify({ writable, ok, records, faults }));
