// The list on the left: whose phone can be looked at.

import { byId, fromTemplate, initial, paintAvatar, shortTime } from "./dom.js";

export function drawPeople({ people, more }, { selected, linkTo }) {
  const rows = people.map((person) => {
    const row = fromTemplate("person-row", {
      name: person.name || person.key,
      time: shortTime(person.at),
      number: person.name ? [person.phone, person.mail].filter(Boolean).join(" · ") : "未登记 · not registered",
      preview: person.preview,
    });
    paintAvatar(row.querySelector(".avatar"), initial(person.name, person.mail ? "@" : "#"), person.key);
    row.classList.toggle("selected", [person.phone, person.mail].includes(selected));
    row.classList.toggle("silent", !person.at);
    row.querySelector("a").href = linkTo(person);
    return row;
  });
  byId("people").replaceChildren(...rows);
  byId("nobody").hidden = people.length > 0;
  byId("more").hidden = !more;
}

export function drawOwner(person) {
  byId("owner-name").textContent = person ? person.name || person.key : "";
  byId("owner-addresses").textContent =
    person && person.name ? [person.phone, person.mail].filter(Boolean).join("　") : "";
}
