"""The one table that a started demo prints."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from gridhall.api.demo.agents import AGENTS
from gridhall.api.demo.people import Resident
from gridhall.kit.localdays import Month

SHOWN = (0, 1, 4, 6, 9, 12, 16, 20, 28)
"""Residents whose sign-in is shown, each for what is noted below."""

_NOTES = {
    0: "峰谷电价，并代管父母户号 time of use; also looks after the parents' account",
    1: "峰谷电价，有预存电费 time of use; pays ahead",
    4: "上期未缴，短信提醒，已承诺缴费 pays late, reminded by SMS, has promised to pay",
    12: "对账单有异议 objects to a bill",
    16: "预付费，按日测算 prepaid, charged by day",
    20: "欠费四个月 four months in arrears",
    28: "停电通知已送达，系统提议停电 served a notice; the system proposes a cut",
    9: "上期未缴，微信提醒 pays late, reminded by WeChat",
    6: "本期账单复核中 newest bill held by the review",
}


def print_summary(
    console: Console, *, api_url: str, phone_url: str, people: Sequence[Resident], month: Month, took: float
) -> None:
    """Print where everything is, who can sign in, and a query to paste."""
    table = Table(title=f"gridhall 已就绪 ready ({took:.0f} s)", title_justify="left", show_lines=True)
    table.add_column("去处 Where", style="bold")
    table.add_column("地址 Address", overflow="fold")
    table.add_row("GraphiQL（可登录 sign in there）", f"{api_url}/graphiql")
    table.add_row("API", f"{api_url}/graphql")
    table.add_row("手机：短信、微信、邮件 The phone page", phone_url)
    for index in SHOWN:
        one = people[index]
        table.add_row(f"登录 Sign in: {one.phone}", f"{one.account_number}  {_NOTES[index]}")
    for agent in AGENTS:
        where = agent.region or "全部区域 every region"
        table.add_row(f"坐席 Agent: {agent.name}", f"{agent.password}  {agent.role}, {where}")
    console.print(table)
    # Without a frame and never cut, so that what is copied is the query and nothing else.
    for title, pasted in (
        ("粘贴查询 Paste this query into GraphiQL:", query(month)),
        ("坐席查询 With an agent's token (POST /v1/sign-in/agent):", desk_query(people[0])),
    ):
        console.print(f"\n{title}\n", style="bold")
        console.print(pasted, soft_wrap=True, markup=False, highlight=False)
    console.print()
    console.print("验证码会出现在手机页面 The code appears on the phone page. 停止 Stop: Ctrl-C")


def query(month: Month) -> str:
    """Return the query to paste: everything that the home screen of an app shows."""
    first, end = month.first, month.shift(1).first
    return f"""{{
  viewer {{
    phone
    accounts {{
      number  region  role
      balance {{ owed {{ yuan }} prepaid {{ yuan }} }}
      tier {{ tier used remaining surcharge tariff {{ title }} }}
      usage(from: "{first}", to: "{end}", resolution: DAY) {{
        total coverage asOf labels kwh
      }}
      bills(first: 2) {{ edges {{ node {{
        month  kwh  status  dueOn  total {{ yuan }}
        lines {{ kind period tier kwh price amount {{ yuan }} }}
        pdfUrl
      }} }} }}
    }}
    inbox(first: 3) {{ edges {{ node {{ title text at }} }} }}
  }}
}}"""


def desk_query(resident: Resident) -> str:
    """Return the query for an agent: who is calling, how the account stands, what happened, and what is held."""
    return f"""{{
  desk {{
    agent
    customers(search: {{ phone: "{resident.phone}" }}) {{ edges {{ node {{
      id  name  phone
      accounts {{ edges {{ node {{
        number  region  role  address
        balance {{ owed {{ yuan }} }}
        bills(first: 1) {{ edges {{ node {{
          month  kwh  status  total {{ yuan }}
        }} }} }}
      }} }} }}
      timeline(first: 3) {{ edges {{ node {{
        kind  accountNumber  month  amount {{ yuan }}
        message {{ kind way state }}
      }} }} }}
    }} }} }}
    heldBills(region: "zhejiang", first: 1) {{ edges {{ node {{
      id  month  accountNumber  kwh  total {{ yuan }}
      findings {{ code evidence {{ name value }} }}
    }} }} }}
  }}
}}"""
