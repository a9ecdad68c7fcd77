/** A service as the system's own service manager wants it defined. */
export type Asked = readonly [program: string, ...args: string[]];

export interface Definition {
  /** The service manager, for people. */
  manager: string;
  path: string;
  text: string;
  encoding: "utf8" | "utf16le";
  /** Has the manager read the definition and start it, also when it runs already. */
  start: readonly Asked[];
  /** Ends it; the definition is removed after that. */
  stop: readonly Asked[];
  /** Has the manager notice that the definition is gone. */
  forget: readonly Asked[];
  /** Succeeds when it runs. */
  runs: Asked;
  /** What to type to see its messages. */
  log: string;
}
