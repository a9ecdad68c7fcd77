export * from "./request.ts";
