/** The words of the page on which the owner lets a client in, one table for each language. */
import type { Language } from "@paddock/contract/texts";

const en = {
  title: "Let a client in?",
  asks: "{name} asks to use Paddock.",
  nameIsItsOwn: "The name is the client's own word. What counts is where the answer goes.",
  goesTo: "Answer goes to",
  describedAt: "Described at",
  client: "Client",
  registered: "Registered by itself, just now or earlier",
  added: "Added by you",
  onThisComputer:
    "The answer goes to a program on the computer that this browser runs on. Go on only if you have just started it there yourself.",
  asked: "It asks for",
  machines: "Machines",
  everyMachine: "Every machine, those that join later too",
  tools: "Tools",
  readonly: "Only read",
  coordinator: "See the machines and its own calls, and notify you; run nothing on a machine",
  core: "Read, change files and run commands, as the rules of the machine allow",
  full: "Everything an agent may have, as the rules of the machine allow",
  duration: "For",
  days: "{days} days",
  day: "one day",
  allow: "Allow",
  refuse: "Refuse",
  refusedTitle: "This request cannot go on",
  expired: "It is too old, was answered, or began in another browser. Start again from the client.",
} as const;

export type ConsentTexts = Readonly<Record<keyof typeof en, string>>;

const zh: ConsentTexts = {
  title: "允许客户端接入？",
  asks: "{name} 请求使用 Paddock。",
  nameIsItsOwn: "名称由客户端自己填写，真正重要的是答复发往何处。",
  goesTo: "答复发往",
  describedAt: "客户端说明位于",
  client: "客户端",
  registered: "自行注册（刚才或更早）",
  added: "由您添加",
  onThisComputer: "答复将发给运行此浏览器的电脑上的程序。只有在您刚刚亲自启动该程序时才应继续。",
  asked: "它请求",
  machines: "机器",
  everyMachine: "所有机器，包括以后加入的机器",
  tools: "工具",
  readonly: "只读",
  coordinator: "查看机器和自己的调用，并向您发送通知；不在机器上运行任何操作",
  core: "在机器规则允许的范围内读取、修改文件和运行命令",
  full: "在机器规则允许的范围内使用代理可用的一切",
  duration: "有效期",
  days: "{days} 天",
  day: "一天",
  allow: "允许",
  refuse: "拒绝",
  refusedTitle: "此请求无法继续",
  expired: "请求已过期、已答复，或是在另一个浏览器中开始的。请从客户端重新开始。",
};

export const consentTexts: Readonly<Record<Language, ConsentTexts>> = { en, zh };
