/** What Paddock says to its owner when it asks and tells, in English. The other languages have the same keys. */
export const en = {
  // What the lines of a question tell.
  label_tool: "Tool",
  label_command: "Command",
  label_invocation: "Runs",
  label_program: "Program",
  label_directory: "In directory",
  label_workspace: "Workspace",
  label_server: "Server",
  label_machine: "Machine",
  label_caller: "Asked by",
  label_wish: "Wants",
  label_path: "Path",
  label_input: "Parameters",
  label_diff: "Change",
  label_warning: "Warning",
  label_rule: "Asked because",
  label_reason: "The caller's reason",
  label_risk: "Risk",
  label_expires: "Expires",
  risk_low: "low",
  risk_medium: "medium",
  risk_high: "high",
  // What may be answered.
  answer_allow_once: "Allow once",
  answer_allow_minutes: "Allow for {minutes} min",
  answer_allow_server: "Allow {server} for {minutes} min",
  answer_allow_always: "Always allow",
  answer_deny: "Deny",
  // Around a question.
  question_title: "{caller} asks on {machine}",
  from_agent: "words of the agent",
  cut: "{characters} more characters are not shown here.",
  see_whole: "Read it whole, and allow it, with: paddock approve {id}",
  answer_elsewhere: "To allow it, answer on the machine or with an enrolled device: paddock approve {id}",
  // How a question ended.
  outcome_allowed: "Allowed",
  outcome_denied: "Denied",
  outcome_expired: "Nobody answered in time",
  outcome_cancelled: "The call was ended",
  outcome_unavailable: "Nobody could be asked",
  outcome_through: "{outcome}, through {channel}",
  // Messages.
  message_title: "Message from {caller} on {machine}",
  test_title: "Paddock on {machine}",
  test_text: "This is a test. Questions of agents on this machine reach you here.",
} as const;

export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;
