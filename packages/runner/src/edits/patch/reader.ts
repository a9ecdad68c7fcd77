/** The lines of a patch, read one after the other. */

export class PatchReader {
  readonly #lines: readonly string[];
  readonly #first: number;
  /** Behind the last line that is not blank. */
  readonly #end: number;
  #next = 0;

  /** `first` is the number of the first line in the patch as it was sent. */
  constructor(lines: readonly string[], first: number) {
    this.#lines = lines;
    this.#first = first;
    this.#end = lines.findLastIndex((line) => line.trim() !== "") + 1;
  }

  /** Number, from 1, of the line that `peek()` shows. */
  get at(): number {
    return this.#first + this.#next;
  }

  get left(): number {
    return this.#lines.length - this.#next;
  }

  /** The next line, or one further on, without taking it; undefined behind the end. */
  peek(ahead = 0): string | undefined {
    return this.#lines[this.#next + ahead];
  }

  take(): string {
    const line = this.#lines[this.#next] ?? "";
    this.#next += 1;
    return line;
  }

  skipBlank(): void {
    while (this.peek()?.trim() === "") this.#next += 1;
  }

  /** Whether only blank lines are left. */
  get blankToEnd(): boolean {
    return this.#next >= this.#end;
  }
}
