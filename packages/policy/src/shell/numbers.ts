/**
 * Which variables surely hold a number. Arithmetic evaluates what it finds in a variable, and may run commands by it; so a
 * variable may be used there only where the text itself has given it a number before, and nothing else anywhere.
 */
import { isNumber } from "./variables.ts";

export class Numbers {
  #known = new Set<string>();
  readonly #used = new Map<string, string>();
  readonly #other = new Set<string>();

  /** `value` is null where it depends on the run. */
  assign(name: string, value: string | null): void {
    if (value !== null && (value === "" || isNumber(value))) this.#known.add(name);
    else this.#other.add(name);
  }

  count(name: string): void {
    this.#known.add(name);
  }

  /** False when the variable may hold anything. */
  use(name: string, text: string): boolean {
    if (!this.#known.has(name)) return false;
    this.#used.set(name, text);
    return true;
  }

  /** What is assigned in there may never happen, so nobody outside relies on it. */
  scope(visit: () => void): void {
    const outside = new Set(this.#known);
    visit();
    this.#known = outside;
  }

  /** Where a variable was relied on that gets something else, too. */
  betrayed(): string[] {
    return [...this.#used].filter(([name]) => this.#other.has(name)).map(([, text]) => text);
  }
}
