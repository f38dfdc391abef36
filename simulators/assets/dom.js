// Small helpers for building the page. Text is only ever set as text: nothing that was received becomes markup.

export const byId = (id) => document.getElementById(id);

export function fromTemplate(id, slots) {
  const node = byId(id).content.firstElementChild.cloneNode(true);
  for (const [name, value] of Object.entries(slots)) {
    node.querySelector(`[data-slot="${name}"]`).textContent = value;
  }
  return node;
}

export function paintAvatar(node, text, seed) {
  node.textContent = text;
  node.dataset.colour = [...seed].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % 8;
}

export function initial(name, fallback) {
  const letters = [...(name || "").replace(/[*＊\s]/gu, "")];
  return letters.length ? letters[0].toUpperCase() : fallback;
}

// The customers are in China, and so are their phones, wherever somebody looks at this page.
const timeZone = "Asia/Shanghai";
const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
const day = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric", timeZone });

export const clockTime = (date) => clock.format(date);
export const today = () => day.format(new Date());

export function shortTime(iso) {
  if (!iso) return "";
  const then = new Date(iso);
  if (day.format(then) === today()) return clockTime(then);
  return day.format(then) === day.format(new Date(Date.now() - 86400000)) ? "昨天" : day.format(then);
}

export function longTime(iso) {
  const then = new Date(iso);
  const short = shortTime(iso);
  return `${short === clockTime(then) ? "今天" : short} ${clockTime(then)}`;
}

export async function ask(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

export async function tell(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}
