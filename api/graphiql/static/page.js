"use strict";

// The sign-in bar: the token that it gets goes with every query of the editor.
let token = null;
const field = (id) => document.getElementById(id);

function tell(text) {
  field("state").value = text;
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": "zh-CN" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.title);
  return said;
}

field("phone").value = new URLSearchParams(location.search).get("phone") ?? "";

field("ask").addEventListener("click", async () => {
  try {
    await post("/v1/sign-in/code", { phone: field("phone").value });
    tell("验证码已发送 Code sent");
    field("code").focus();
  } catch (error) {
    tell(error.message);
  }
});

field("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const said = await post("/v1/sign-in/token", { phone: field("phone").value, code: field("code").value });
    token = said.access_token;
    tell(`已登录 Signed in · ${field("phone").value}`);
  } catch (error) {
    tell(error.message);
  }
});

async function fetcher(query) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(query) });
  return answer.json();
}

const defaultQuery = `# 登录后运行 Sign in, then run.
{
  viewer {
    phone
    accounts {
      number region
      balance { owed { yuan } prepaid { yuan } }
      tier { tier used remaining }
      bills(first: 3) { edges { node { month kwh total { yuan } status } } }
    }
  }
}
`;

ReactDOM.render(React.createElement(GraphiQL, { fetcher, defaultQuery }), field("editor"));
