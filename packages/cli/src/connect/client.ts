/** What is known of a client: how it is told of Paddock, and what that needs to know of this installation. */

/** How a client proves itself over HTTP: its owner signs in on Paddock's page, or it brings a token. */
export type Auth = "sign-in" | "token";

export interface Installation {
  address: string;
  /** Address of the MCP endpoint. */
  mcp: string;
  auth: Auth;
  /** For a client that starts its servers itself, from whatever folder and with whatever PATH. */
  program: { command: string; args: readonly string[]; env?: Readonly<Record<string, string>> };
  platform: NodeJS.Platform;
  /** The owner's home. */
  home: string;
  /** Folder of the project, for clients that keep their servers there. */
  project: string;
}

/** What a file is to hold besides what it has. */
export type Entry =
  | { format: "json"; list: string; value: object; inputs?: readonly object[] }
  | { format: "toml"; text: string };

export interface Setup {
  /** What is to be done with the text, for a person. */
  how: string;
  text: string;
  /** Where `--write` puts it; absent where the client has a command or a form for it. */
  file?: { path: string; entry: Entry };
  /** What else has to be done, in order. */
  after: readonly string[];
}

export interface Client {
  title: string;
  guide: string;
  /** Null where the client cannot be connected so. */
  http: ((installation: Installation) => Setup) | null;
  stdio: ((installation: Installation) => Setup) | null;
  /** Over HTTP it proves itself in this way only. */
  only?: Auth;
  /** Over HTTP it calls from its vendor's cloud, which reaches public HTTPS addresses only. */
  cloud?: true;
}
