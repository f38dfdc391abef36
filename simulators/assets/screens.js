// What the phone shows: the list of a tab, the thread of a sender, an opened mail.

import { byId, fromTemplate, initial, longTime, paintAvatar, shortTime } from "./dom.js";

const TITLES = { sms: ["信息", "Messages"], mail: ["收件箱", "Inbox"] };
const CODE = /(?<!\d)\d{4,8}(?!\d)/u;

export function reveal(name) {
  for (const view of ["list", "thread", "mail", "wechat"]) byId(view).hidden = view !== name;
}

export function drawList(tab, messages, linkTo) {
  reveal("list");
  [byId("list-title").textContent, byId("list-title-en").textContent] = TITLES[tab];
  const shown = tab === "sms" ? newestOfEachSender(messages) : messages.filter(({ kind }) => kind === "mail");
  const rows = shown.map((message) => {
    const row = fromTemplate("message-row", {
      title: message.sender,
      time: shortTime(message.at),
      subject: message.kind === "mail" ? message.subject : "",
      preview: message.kind === "mail" ? message.text.replace(/\s+/gu, " ").slice(0, 120) : message.text,
    });
    row.classList.toggle("with-file", message.files.length > 0);
    row.classList.add(message.kind);
    paintAvatar(row.querySelector(".avatar"), initial(message.sender, "?"), message.sender);
    row.querySelector("a").href = linkTo(message);
    return row;
  });
  byId("messages").replaceChildren(...rows);
  byId("empty").hidden = rows.length > 0;
}

function newestOfEachSender(messages) {
  const found = new Map();
  for (const message of messages) {
    if (message.kind === "sms" && !found.has(message.sender)) found.set(message.sender, message);
  }
  return [...found.values()];
}

export function drawThread(sender, messages) {
  reveal("thread");
  byId("thread-name").textContent = sender;
  paintAvatar(byId("thread-avatar"), initial(sender, "?"), sender);
  const texts = messages.filter((message) => message.kind === "sms" && message.sender === sender).reverse();
  const bubbles = texts.map((message) => {
    const bubble = fromTemplate("bubble", { time: longTime(message.at), text: "" });
    bubble.querySelector("p").append(...withCode(message.text));
    return bubble;
  });
  byId("bubbles").replaceChildren(...bubbles);
  byId("bubbles").scrollTop = byId("bubbles").scrollHeight;
}

// A phone underlines a one-time code; a tap copies it.
function withCode(text) {
  const code = text.includes("验证码") ? text.match(CODE) : null;
  if (!code) return [text];
  const button = document.createElement("button");
  button.type = "button";
  button.className = "code";
  button.title = "复制 Copy";
  button.textContent = code[0];
  button.addEventListener("click", () => navigator.clipboard?.writeText(code[0]));
  return [text.slice(0, code.index), button, text.slice(code.index + code[0].length)];
}

export function drawMail(message) {
  reveal("mail");
  byId("mail-subject").textContent = message.subject || "（无主题）";
  byId("mail-sender").textContent = message.sender;
  byId("mail-address").textContent = `发给 ${message.recipient}`;
  byId("mail-address").title = message.sender_address;
  byId("mail-time").textContent = longTime(message.at);
  paintAvatar(byId("mail-avatar"), initial(message.sender, "@"), message.sender);
  byId("mail-files").replaceChildren(...message.files.map(chip));
  const frame = byId("mail-body");
  frame.hidden = !message.body_url;
  if (message.body_url && frame.getAttribute("src") !== message.body_url) frame.src = message.body_url;
  byId("mail-text").hidden = Boolean(message.body_url);
  byId("mail-text").textContent = message.text;
}

function chip(file) {
  const isPdf = file.media_type === "application/pdf";
  const link = fromTemplate("file-chip", {
    kind: isPdf ? "PDF" : "文件",
    name: file.filename,
    size: `${Math.max(1, Math.round(file.bytes / 1024))} KB`,
  });
  link.href = file.url;
  return link;
}
