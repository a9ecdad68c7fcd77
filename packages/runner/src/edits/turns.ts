/** Lets at most so many tasks run at a time; the others wait in order. */

export type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

export function turns(most: number): InTurn {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running < most) running += 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
