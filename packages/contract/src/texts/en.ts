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
  cut_whole: "{characters} characters altogether, SHA-256 {digest}",
  expires_in: "expires in {seconds} s",
  standing_rule: "Always would write this rule",
  // What an answer must be worth.
  assurance_hub: "any answer counts",
  assurance_device: "wants an enrolled device, or an answer on the machine",
  assurance_local: "wants an answer on the machine",
  // What Paddock itself says on the lines of a question; a line names its key.
  wish_network: "the network",
  wish_confirm: "that you are asked, whatever the rules allow",
  wish_no_cage: "to run outside of the cage, with the rights of your account",
  warning_unresolved: "What this starts is not fully told by its words.",
  warning_odd_characters: "It holds characters that are invisible or steer a screen; they are shown as escapes.",
  warning_mixed_alphabets: "A word mixes alphabets that look alike.",
  warning_cut: "Not all of it is shown here.",
  rule_network: "The call wants to reach the network.",
  rule_no_cage: "The call wants to run outside of the cage, with the rights of your own account.",
  rule_beyond_roots: "The call wants paths outside of the workspace.",
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
