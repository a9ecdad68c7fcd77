/** How the database came to be: each entry takes it one version further. Entries are only ever added. */

export const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    id text PRIMARY KEY,
    principal text NOT NULL,
    surface text NOT NULL,
    tool text NOT NULL,
    workspace text,
    input_hash text NOT NULL,
    idempotency_key text,
    state text NOT NULL,
    taken integer NOT NULL DEFAULT 0,
    ok integer,
    envelope_bytes integer,
    content_bytes integer,
    deadline bigint NOT NULL,
    created_at bigint NOT NULL,
    finished_at bigint
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX runs_by_key ON runs (principal, idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE INDEX runs_open ON runs (created_at) WHERE finished_at IS NULL;

  CREATE TABLE run_results (
    run text PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    envelope blob NOT NULL,
    content blob
  );

  CREATE TABLE run_conflicts (
    run text NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    at bigint NOT NULL,
    state text NOT NULL,
    ok integer NOT NULL,
    envelope blob NOT NULL
  );
  CREATE INDEX run_conflicts_by_run ON run_conflicts (run);

  CREATE TABLE tokens (
    id text PRIMARY KEY,
    name text NOT NULL,
    hash text NOT NULL UNIQUE,
    toolset text NOT NULL,
    workspaces text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    last_used_at bigint,
    revoked_at bigint
  );
  `,
  `
  CREATE INDEX runs_by_principal ON runs (principal, id);
  ALTER TABLE tokens ADD COLUMN scope text NOT NULL DEFAULT 'calls';
  `,
  `
  CREATE TABLE oauth_clients (
    id text PRIMARY KEY,
    origin text NOT NULL,
    metadata text NOT NULL,
    created_at bigint NOT NULL
  );

  CREATE TABLE consents (
    id text PRIMARY KEY,
    client text NOT NULL,
    name text NOT NULL,
    redirect_host text NOT NULL,
    toolset text NOT NULL,
    workspaces text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    last_used_at bigint,
    revoked_at bigint
  );

  CREATE TABLE oauth_records (
    kind text NOT NULL,
    id text NOT NULL,
    consent text NOT NULL,
    payload text NOT NULL,
    consumed_at bigint,
    expires_at bigint NOT NULL,
    PRIMARY KEY (kind, id)
  );
  CREATE INDEX oauth_records_by_consent ON oauth_records (consent);
  CREATE INDEX oauth_records_by_expiry ON oauth_records (expires_at);

  CREATE TABLE account_records (
    kind text NOT NULL,
    id text NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (kind, id)
  );
  `,
  // Several machines. Runs of before were all on the hub's own.
  `
  CREATE TABLE machines (
    id text PRIMARY KEY,
    name text NOT NULL UNIQUE,
    labels text NOT NULL,
    public_key text UNIQUE,
    hostname text NOT NULL,
    enrolled_at bigint NOT NULL,
    last_seen_at bigint,
    disabled_at bigint
  ) WITHOUT ROWID;

  CREATE TABLE machine_codes (
    hash text PRIMARY KEY,
    name text,
    labels text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_by text
  ) WITHOUT ROWID;

  ALTER TABLE runs ADD COLUMN machine text NOT NULL DEFAULT 'mch_00000000000000000000000000';
  `,
  // Tokens for some of the machines; those of before are for all.
  `
  ALTER TABLE tokens ADD COLUMN machines text NOT NULL DEFAULT '[]';
  `,
  // Consents for some of the machines; those of before are for all.
  `
  ALTER TABLE consents ADD COLUMN machines text NOT NULL DEFAULT '[]';
  `,
  // Calls that are made as one.
  `
  CREATE TABLE batches (
    run text PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    at_once integer NOT NULL,
    fail_fast integer NOT NULL,
    cancelled integer NOT NULL DEFAULT 0
  ) WITHOUT ROWID;

  CREATE TABLE batch_calls (
    batch text NOT NULL REFERENCES batches (run) ON DELETE CASCADE,
    place integer NOT NULL,
    run text NOT NULL,
    held integer NOT NULL,
    released integer NOT NULL,
    PRIMARY KEY (batch, place)
  ) WITHOUT ROWID;
  `,
];
