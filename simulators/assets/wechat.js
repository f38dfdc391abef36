// The service notices of WeChat, and the user's taps on 允许一次.

import { byId, fromTemplate, longTime, tell } from "./dom.js";
import { reveal } from "./screens.js";

export function drawWeChat(messages, { phone, templates, allowed }) {
  reveal("wechat");
  const cards = messages.filter(({ kind }) => kind === "wechat").reverse().map(card);
  const list = byId("cards");
  const isNew = cards.length !== list.childElementCount;
  list.replaceChildren(...cards);
  if (isNew) document.fonts.ready.then(() => (list.scrollTop = list.scrollHeight));
  byId("no-cards").hidden = cards.length > 0;
  byId("consents").replaceChildren(...templates.map((template) => consent(template, phone, allowed)));
}

function card(message) {
  const made = fromTemplate("service-card", {
    time: longTime(message.at),
    program: message.sender,
    title: message.subject,
  });
  made.querySelector("dl").append(...message.facts.map((fact) => fromTemplate("service-fact", fact)));
  return made;
}

function consent(template, phone, allowed) {
  const row = fromTemplate("consent-row", {
    title: template.title,
    left: template.allowed ? `还可发送 ${template.allowed} 条` : "未允许，须由您允许后才能发送",
  });
  row.querySelector("button").addEventListener("click", async () => {
    await tell("/wechat/demo/allow", { phone, template_id: template.id });
    await allowed();
  });
  return row;
}

byId("wechat-consents").addEventListener("click", ({ currentTarget }) => {
  const list = byId("consents");
  list.hidden = !list.hidden;
  currentTarget.setAttribute("aria-expanded", String(!list.hidden));
});
