/**
 * Every failure a caller can act on, in one table: the HTTP status, the exit code of the command line, and the next step
 * that is said when the place of the failure knows no better one. Codes are stable: clients and prompts rely on them.
 */

interface ErrorEntry {
  status: number;
  exit: number;
  nextStep: string;
}

export const errors = {
  // The request itself.
  invalid_input: { status: 400, exit: 2, nextStep: "Correct the named field and call again." },
  invalid_json: { status: 400, exit: 2, nextStep: "Send one valid JSON object as the body." },
  unknown_tool: {
    status: 404,
    exit: 2,
    nextStep: "Call tools/list, or GET /api/openapi.json, for the names that exist.",
  },
  not_found: { status: 404, exit: 4, nextStep: "Check the address." },
  method_not_allowed: {
    status: 405,
    exit: 2,
    nextStep: "Use the method that the documentation of this address names.",
  },
  too_large: { status: 413, exit: 2, nextStep: "Send less at once: split the content into several calls." },
  // Who asks.
  unauthorized: {
    status: 401,
    exit: 3,
    nextStep: "Send `Authorization: Bearer TOKEN`; `paddock token create --name NAME` makes one.",
  },
  forbidden: { status: 403, exit: 3, nextStep: "Use a token whose toolset and scopes include this." },
  wrong_host: {
    status: 403,
    exit: 3,
    nextStep: "Use the address that `paddock status` prints, or set PADDOCK_PUBLIC_URL.",
  },
  wrong_origin: { status: 403, exit: 3, nextStep: "Add the origin to `allowed_origins` if you trust the page." },
  session_lost: { status: 404, exit: 4, nextStep: "Begin a new session: initialize again." },
  rate_limited: {
    status: 429,
    exit: 5,
    nextStep: "Wait for the time in Retry-After, then try again with a valid token.",
  },
  passphrase_required: {
    status: 401,
    exit: 3,
    nextStep: "Run it in a terminal, which asks for the passphrase.",
  },
  passphrase_wrong: {
    status: 403,
    exit: 3,
    nextStep: "Try again. After several wrong ones it takes longer and longer.",
  },
  weak_token: {
    status: 400,
    exit: 2,
    nextStep: "Let Paddock make the token, or give one of at least 32 random characters.",
  },
  // What the machine's rules say.
  denied: {
    status: 403,
    exit: 3,
    nextStep: "The owner's policy does not allow this. Do something else, or tell the owner which rule is in the way.",
  },
  approval_denied: {
    status: 403,
    exit: 3,
    nextStep: "The owner said no. Do not try the same again; ask the owner what they would accept.",
  },
  approval_expired: {
    status: 408,
    exit: 5,
    nextStep: "Nobody answered in time and nothing was run. Ask the owner to watch `paddock approve`, then call again.",
  },
  approval_stale: {
    status: 409,
    exit: 6,
    nextStep: "Nothing was run. Call again, so that the owner is asked about what it is now.",
  },
  approval_unavailable: {
    status: 503,
    exit: 7,
    nextStep: "Nothing was run. Ask the owner to look at `paddock doctor`: no way to ask them works at the moment.",
  },
  approval_over: {
    status: 409,
    exit: 6,
    nextStep: "This answer changed nothing. `paddock approve` lists the questions that still wait.",
  },
  answer_too_weak: {
    status: 403,
    exit: 3,
    nextStep: "Answer on the machine with `paddock approve`, or with an enrolled device; the question still waits.",
  },
  wrong_signature: {
    status: 403,
    exit: 3,
    nextStep: "Sign the question exactly as it is shown, with a device that `paddock device list` names.",
  },
  readonly: {
    status: 403,
    exit: 3,
    nextStep: "This workspace or token is read-only. Use a reading tool, or ask the owner for write access.",
  },
  needs_owner: { status: 403, exit: 3, nextStep: "Only a person on the machine can do this." },
  inert: { status: 403, exit: 3, nextStep: "The owner must approve this content first: see `paddock approve`." },
  // Paths and files.
  path_outside_roots: {
    status: 403,
    exit: 3,
    nextStep: "Use a path below a root; agent_status lists them, `paddock root add DIR` adds one.",
  },
  path_not_found: { status: 404, exit: 4, nextStep: "List the parent directory or use glob to find the right path." },
  path_exists: { status: 409, exit: 6, nextStep: "Choose another path, or say overwrite." },
  not_a_file: { status: 400, exit: 2, nextStep: "Name a regular file." },
  not_a_directory: { status: 400, exit: 2, nextStep: "Name a directory." },
  directory_not_empty: { status: 409, exit: 6, nextStep: "Say recursive to delete what is inside too." },
  invalid_path: {
    status: 400,
    exit: 2,
    nextStep: "Give a path without NUL bytes and with parts of at most 255 bytes.",
  },
  permission_denied: {
    status: 403,
    exit: 3,
    nextStep: "The operating system refused. Check the owner and mode of the path.",
  },
  disk_full: { status: 507, exit: 7, nextStep: "Free some space, then call again; nothing was changed." },
  file_too_large: {
    status: 413,
    exit: 2,
    nextStep: "Work on a part: read with offset and limit, or in base64 chunks.",
  },
  binary_file: { status: 415, exit: 2, nextStep: "Use read_file_base64 for binary content." },
  changed_meanwhile: {
    status: 409,
    exit: 6,
    nextStep: "Read the file again and repeat the change on what it says now.",
  },
  // Edits and patches.
  text_not_found: { status: 422, exit: 6, nextStep: "Read the file and copy the old text exactly as it stands." },
  text_ambiguous: {
    status: 422,
    exit: 6,
    nextStep: "Add surrounding lines to the old text until only one place matches, or set replace_all.",
  },
  no_change: { status: 422, exit: 6, nextStep: "The new text equals the old one: nothing to do." },
  invalid_pattern: {
    status: 400,
    exit: 2,
    nextStep: "Correct the pattern; look-around and back-references are not supported.",
  },
  invalid_patch: {
    status: 422,
    exit: 6,
    nextStep: "Correct the line that the message names; the tool's description shows the format.",
  },
  patch_mismatch: {
    status: 422,
    exit: 6,
    nextStep: "Read the place that the message names and make the patch again from what it says now.",
  },
  // Commands and processes.
  working_directory_empty: { status: 400, exit: 2, nextStep: "Name a directory, or leave working_directory out." },
  working_directory_invalid: { status: 400, exit: 2, nextStep: "Give a path without NUL bytes." },
  working_directory_not_found: { status: 404, exit: 4, nextStep: "List the parent directory for the right name." },
  working_directory_not_directory: { status: 400, exit: 2, nextStep: "Name the directory that holds the file." },
  working_directory_denied: {
    status: 403,
    exit: 3,
    nextStep: "Leave this place alone: it holds credentials or Paddock's own state, or the owner has closed it.",
  },
  working_directory_outside_allowed_roots: {
    status: 403,
    exit: 3,
    nextStep: "Start below a root or in /tmp; list_allowed_directories names the roots.",
  },
  requires_tty_not_supported: {
    status: 422,
    exit: 6,
    nextStep:
      "Use a program that needs no terminal: read_text_file or cat for a pager, edit_file or sed for an editor, `top -bn1`, `ps`.",
  },
  interactive_credential_required: {
    status: 403,
    exit: 3,
    nextStep: "Nobody can type a password here. Use `sudo -n` where it needs none, or ask the owner to run it.",
  },
  command_not_found: { status: 404, exit: 4, nextStep: "Check the name, or install the program on the machine." },
  shell_busy: {
    status: 409,
    exit: 5,
    nextStep: "Wait with get_run for the running command, or use start_process for a parallel one.",
  },
  process_not_found: { status: 404, exit: 4, nextStep: "List them with process_status." },
  process_ended: { status: 409, exit: 6, nextStep: "Read its output with process_output, or start it again." },
  too_many: { status: 429, exit: 5, nextStep: "Stop or clear some of the running ones first." },
  timeout: { status: 504, exit: 5, nextStep: "Raise timeout_seconds, or use start_process for long work." },
  // Git, checkpoints, bridge, skills.
  not_a_repository: { status: 400, exit: 2, nextStep: "Give a path inside a git repository." },
  git_failed: { status: 422, exit: 6, nextStep: "Read git's own words in the message." },
  checkpoint_not_found: { status: 404, exit: 4, nextStep: "List them with rewind, action list." },
  server_not_found: { status: 404, exit: 4, nextStep: "List the bridged servers with mcp_servers." },
  server_failed: {
    status: 502,
    exit: 7,
    nextStep: "See mcp_servers for its state, and the server's own documentation.",
  },
  tool_failed: {
    status: 422,
    exit: 6,
    nextStep: "The bridged tool itself reports this failure; details hold its own words.",
  },
  skill_not_found: { status: 404, exit: 4, nextStep: "List them with skill_list." },
  // Runs and machines.
  run_not_found: { status: 404, exit: 4, nextStep: "Check the run id; only runs of the same principal are visible." },
  run_unknown: {
    status: 500,
    exit: 8,
    nextStep:
      "It was started and then interrupted, so it may have happened or not. Look at its effects before you repeat it.",
  },
  cancelled: { status: 409, exit: 5, nextStep: "Call again if it is still wanted." },
  idempotency_conflict: { status: 409, exit: 6, nextStep: "Use a new idempotency key for a different request." },
  batch_rejected: { status: 422, exit: 6, nextStep: "None of its calls ran. Correct those that details name." },
  machine_offline: {
    status: 503,
    exit: 7,
    nextStep: "Start the runner with `paddock up`, or look at `paddock status`.",
  },
  machine_not_found: { status: 404, exit: 4, nextStep: "List them with `paddock machine list`." },
  machine_required: { status: 400, exit: 2, nextStep: "Name one of the machines that the message lists." },
  machine_disabled: { status: 403, exit: 3, nextStep: "The owner can enable it: `paddock machine enable NAME`." },
  join_refused: { status: 403, exit: 3, nextStep: "A code counts once. Make another: `paddock machine invite`." },
  wrong_hub: { status: 502, exit: 3, nextStep: "Check the address: it is not the hub that this machine knows." },
  link_refused: { status: 403, exit: 3, nextStep: "Let the machine join again: `paddock machine invite` on the hub." },
  link_replaced: { status: 409, exit: 6, nextStep: "Stop the other runner; each machine joins with its own code." },
  version_mismatch: { status: 426, exit: 7, nextStep: "Update Paddock on the side that has the older version." },
  hub_unreachable: { status: 502, exit: 7, nextStep: "Check address, network, proxy and certificate." },
  transfer_broken: { status: 502, exit: 7, nextStep: "Call again: it goes on where it ended." },
  not_sent: { status: 503, exit: 7, nextStep: "It was not run. Call again when the machine is back." },
  // The installation.
  sandbox_unavailable: {
    status: 503,
    exit: 7,
    nextStep: 'Install bubblewrap (Debian: `apt install bubblewrap`), or choose `sandbox = "none"` knowingly.',
  },
  cage_stopped: {
    status: 409,
    exit: 5,
    nextStep: "What it printed is not shown; what it did to files stays. Call again: the next call gets a new cage.",
  },
  cannot_enforce: {
    status: 503,
    exit: 7,
    nextStep: "Change the option, or make the machine able to enforce it; `paddock doctor` says what is missing.",
  },
  audit_unavailable: {
    status: 503,
    exit: 7,
    nextStep: "Free space or repair the audit file; nothing runs unrecorded.",
  },
  invalid_config: {
    status: 500,
    exit: 2,
    nextStep: "Correct the named key; `paddock config` shows every value and where it comes from.",
  },
  not_running: { status: 503, exit: 7, nextStep: "Start it with `paddock up`." },
  already_running: { status: 409, exit: 6, nextStep: "Use the one that runs, or stop it first." },
  unavailable: { status: 503, exit: 7, nextStep: "Try again in a moment." },
  internal: {
    status: 500,
    exit: 70,
    nextStep: "This is a fault in Paddock. Give the reference to whoever runs it; the log has the rest.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;
export const errorCodes = Object.keys(errors) as ErrorCode[];

/** A failure the caller can act on. Anything else that is thrown is a bug and reaches the caller as `internal`. */
export class PaddockError extends Error {
  readonly code: ErrorCode;
  readonly nextStep: string;
  /** More for the caller, such as the nearest place of a patch or a bridged server's own words; plain JSON. */
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, nextStep: string = errors[code].nextStep, details?: unknown) {
    super(message);
    this.name = "PaddockError";
    this.code = code;
    this.nextStep = nextStep;
    this.details = details;
  }
}
