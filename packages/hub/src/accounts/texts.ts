/** The words of the pages to sign in, one table for each language. */
import type { Language } from "@paddock/contract/texts";

const en = {
  signIn: "Sign in",
  signOut: "Sign out",
  password: "Password",
  newPassword: "New password, at least {length} characters",
  wrongPassword: "That is not the password, or there is no account yet. On the machine: paddock owner create",
  setUp: "Your account",
  setUpWords: "Choose the password that you sign in with, to allow clients and to answer questions.",
  code: "Code from the machine",
  save: "Save",
  saved: "The password is set. All browsers are signed out.",
  wrongCode: "The code is wrong, used or too old. On the machine: paddock owner create, or paddock owner reset",
  signedOut: "You are signed out.",
  refused: "That did not work",
  questions: "Questions that wait for you",
  noQuestions: "No question waits.",
  lookAgain: "Look again",
} as const;

export type AccountTexts = Readonly<Record<keyof typeof en, string>>;

const zh: AccountTexts = {
  signIn: "登录",
  signOut: "退出登录",
  password: "密码",
  newPassword: "新密码，至少 {length} 个字符",
  wrongPassword: "密码不正确，或者还没有账户。请在机器上运行：paddock owner create",
  setUp: "您的账户",
  setUpWords: "请设置登录密码，用于允许客户端和回答询问。",
  code: "机器上显示的代码",
  save: "保存",
  saved: "密码已设置。所有浏览器都已退出登录。",
  wrongCode: "代码错误、已使用或已过期。请在机器上运行：paddock owner create 或 paddock owner reset",
  signedOut: "您已退出登录。",
  refused: "操作未成功",
  questions: "等待您回答的询问",
  noQuestions: "没有等待中的询问。",
  lookAgain: "刷新",
};

export const accountTexts: Readonly<Record<Language, AccountTexts>> = { en, zh };
