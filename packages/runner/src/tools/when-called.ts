/** Tools whose code is loaded with the first call of one of them: most runners never see them all, and none waits for them at its start. */
import type { Tool } from "@paddock/contract";
import type { InputOf, RunnerToolName } from "@paddock/contract/tools";
import type { Call, Handlers, Place } from "./handler.ts";

/** Handlers for the tools of a group, which `load` brings. */
export function whenCalled<N extends RunnerToolName>(
  group: Readonly<Record<N, Tool>>,
  load: () => Promise<Handlers<N>>,
): Handlers<N> {
  let loading: Promise<Handlers<N>> | null = null;
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  const handlerOf = <K extends N>(name: K) => ({
    wants: async (input: InputOf<K>, place: Place) => (await (await loaded())[name].wants?.(input, place)) ?? {},
    startsIn: async (input: InputOf<K>, place: Place) => (await loaded())[name].startsIn?.(input, place),
    run: async (input: InputOf<K>, call: Call) => (await loaded())[name].run(input, call),
  });
  const names = Object.keys(group) as N[];
  return Object.fromEntries(names.map((name) => [name, handlerOf(name)])) as unknown as Handlers<N>;
}
