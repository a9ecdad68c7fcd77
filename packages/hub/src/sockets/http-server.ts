/**
 * The server of `node:http`. Importing that module by its name also evaluates its WebSocket client, which costs each process
 * 30 ms at its start and 13 MB; taken this way it is left alone.
 */
export const { createServer } = process.getBuiltinModule("node:http");
