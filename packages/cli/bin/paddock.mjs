#!/usr/bin/env node
// The `paddock` command. Plain JavaScript, so that an old Node can still say what is wrong.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `paddock: needs Node 22.19 or newer, and this is ${process.versions.node}. In a clone, \`npm start\` brings its own.`,
  );
  process.exit(2);
}
await import("../src/quick-start.mjs");
const { main } = await import("../src/main.ts");
await main(process.argv.slice(2));
