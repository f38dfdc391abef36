"""Commands of bills, each topic's in its own file."""

import typer

from gridhall.billing.bills import held_cli
from gridhall.billing.bills.explaining import cli as explaining_cli
from gridhall.billing.board import cli as board_cli
from gridhall.billing.credits import cli as credits_cli
from gridhall.billing.runs import cli as runs_cli
from gridhall.billing.shadow import cli as shadow_cli

app = typer.Typer(no_args_is_help=True, help="Calculate, review and issue bills (核算, 复核, 发行).")
app.add_typer(runs_cli.app)
app.add_typer(held_cli.app)
app.add_typer(explaining_cli.app)
app.add_typer(credits_cli.app)
app.add_typer(board_cli.app)
app.command("import")(shadow_cli.import_bills)
