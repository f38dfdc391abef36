// The page's state is its address: #/<person>/<tab>/<opened>. Everything is asked again every two seconds.

import { ask, byId, clockTime, today } from "./dom.js";
import { drawOwner, drawPeople } from "./people.js";
import { drawList, drawMail, drawThread } from "./screens.js";
import { drawWeChat } from "./wechat.js";

const POLL_MS = 2000;
const BANNER_MS = 6000;
const TABS = ["sms", "wechat", "mail"];

let query = "";
let drawn = "";
let newestSeen = new Map();

function place() {
  const [, person = "", tab = "", opened = ""] = location.hash.split("/").map(decodeURIComponent);
  return { person, tab: TABS.includes(tab) ? tab : "sms", opened };
}

const address = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;
const newestTab = (person) => (person.sms ? "sms" : person.wechats ? "wechat" : person.mails ? "mail" : "sms");

async function refresh() {
  const people = await ask(`/phone/people?q=${encodeURIComponent(query)}`);
  if (!place().person && people.people.length) {
    const first = people.people[0];
    history.replaceState(null, "", address(first.key, newestTab(first)));
  }
  const at = place();
  const [{ messages }, { people: named }] = at.person
    ? await Promise.all([
        ask(`/phone/messages?of=${encodeURIComponent(at.person)}`),
        ask(`/phone/people?q=${encodeURIComponent(at.person)}`),
      ])
    : [{ messages: [] }, { people: [] }];
  const owner = named.find(({ phone, mail }) => [phone, mail].includes(at.person));
  const { templates } = at.tab === "wechat" && owner?.phone
    ? await ask(`/wechat/demo/templates?of=${encodeURIComponent(owner.phone)}`)
    : { templates: [] };
  const now = JSON.stringify([people, messages, named, templates, location.hash, today()]);
  if (now === drawn) return;
  drawn = now;
  drawPeople(people, { selected: at.person, linkTo: (person) => address(person.key, newestTab(person)) });
  drawOwner(owner);
  drawScreen(at, messages, owner, templates);
  announce(at, messages);
}

function drawScreen(at, messages, owner, templates) {
  const openedMail = messages.find(({ id, kind }) => kind === "mail" && id === at.opened);
  if (at.tab === "mail" && openedMail) drawMail(openedMail);
  else if (at.tab === "wechat") drawWeChat(messages, { phone: owner?.phone, templates, allowed: keepTrying });
  else if (at.tab === "sms" && at.opened) drawThread(at.opened, messages);
  else {
    const linkTo = ({ kind, id, sender }) => address(at.person, at.tab, kind === "mail" ? id : sender);
    drawList(at.tab, messages, linkTo);
  }
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.tab === at.tab));
    const count = messages.filter(({ kind }) => kind === tab.dataset.tab).length;
    const badge = tab.querySelector("[data-count]");
    badge.hidden = count === 0;
    badge.textContent = count;
  }
}

// A message that arrives while somebody looks comes down from the top of the screen, as it does on a phone.
function announce(at, messages) {
  const newest = messages[0];
  const seen = newestSeen.get(at.person);
  newestSeen.set(at.person, newest?.id ?? "");
  if (seen === undefined || !newest || newest.id === seen) return;
  const banner = byId("banner");
  banner.querySelector('[data-slot="title"]').textContent = newest.sender;
  banner.querySelector('[data-slot="text"]').textContent = newest.preview;
  banner.dataset.kind = newest.kind;
  banner.onclick = () => {
    banner.hidden = true;
    location.hash = address(at.person, newest.kind, newest.kind === "mail" ? newest.id : newest.kind === "sms" ? newest.sender : "");
  };
  banner.hidden = false;
  clearTimeout(banner.timer);
  banner.timer = setTimeout(() => (banner.hidden = true), BANNER_MS);
}

function keepTrying() {
  byId("clock").textContent = clockTime(new Date());
  return refresh().catch((error) => console.warn(error.message));
}

for (const back of document.querySelectorAll(".back")) {
  back.addEventListener("click", () => (location.hash = address(place().person, place().tab)));
}
for (const tab of document.querySelectorAll("[data-tab]")) {
  tab.addEventListener("click", () => (location.hash = address(place().person, tab.dataset.tab)));
}
byId("search").addEventListener("input", (event) => {
  query = event.target.value;
  keepTrying();
});
window.addEventListener("hashchange", keepTrying);
keepTrying();
setInterval(keepTrying, POLL_MS);
