#!/usr/bin/env node
// The `paddock` command. Plain JavaScript, so that an old Node can still say what is wrong.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 2)) {
  console.error(
    `paddock: needs Node 24.2 or newer, and this is ${process.versions.node}.\n` +
      "  Install a newer Node, or take an archive of Paddock, which brings its own. In a clone, `npm start` brings it.",
  );
  process.exit(2);
}
await import("../src/quick-start.mjs");
const { main } = await import("../src/main.ts");
await main(process.argv.slice(2));
