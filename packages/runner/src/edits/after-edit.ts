/** What runs after an edit: the owner's hooks, such as a formatter, whose output joins the answer. */
import type { PostEditHook } from "@paddock/contract";
import type { Call } from "../tools/handler.ts";

export type HookResult = PostEditHook;

/** Runs the hooks that match the changed files (absolute paths). Empty when none matched. */
export type AfterEdit = (call: Call, paths: readonly string[]) => Promise<readonly HookResult[]>;
