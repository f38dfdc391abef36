"""The command line, composed of every room's commands."""

import signal
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from gridhall.api import migrating
from gridhall.billing.approvals import cli as approvals
from gridhall.billing.arrears import cli as arrears
from gridhall.billing.bills import cli as bills
from gridhall.billing.cases import cli as cases
from gridhall.billing.choices import cli as choices
from gridhall.billing.field import cli as field
from gridhall.billing.ledger import cli as ledger
from gridhall.billing.payments import cli as payments
from gridhall.billing.prepayment import cli as prepayment
from gridhall.billing.shadow import cli as shadow
from gridhall.billing.tariffs import cli as tariffs
from gridhall.crm.agents import cli as agents
from gridhall.crm.customers import cli as customers
from gridhall.graphql.schema import sdl
from gridhall.kit.console import console, errors, refuse
from gridhall.kit.settings import settings
from gridhall.metering import cli as metering
from gridhall.metering.exports import cli as exports
from gridhall.metering.irregular import cli as irregular
from gridhall.metering.retention import cli as retention
from gridhall.metering.rounds import cli as rounds
from gridhall.metering.vee import cli as vee
from gridhall.notifications.dossier import cli as dossier

app = typer.Typer(
    name="gridhall", no_args_is_help=True, help="gridhall 营业厅: the service hall of an electricity supplier."
)
app.add_typer(metering.app, name="feed")
app.add_typer(exports.app, name="usage")
app.add_typer(retention.app, name="retention")
app.add_typer(vee.app, name="vee")
app.add_typer(irregular.app, name="irregular")
app.add_typer(rounds.app, name="rounds")
tariffs.app.command("compare")(choices.compare)
app.add_typer(tariffs.app, name="tariff")
app.add_typer(bills.app, name="bills")
app.add_typer(approvals.app, name="approvals")
app.add_typer(cases.app, name="cases")
app.add_typer(shadow.app, name="shadow")
app.add_typer(payments.app, name="payments")
app.add_typer(payments.app, name="pay", hidden=True)
app.add_typer(ledger.app, name="ledger")
arrears.app.command("file")(dossier.write_file)
app.add_typer(arrears.app, name="arrears")
app.add_typer(prepayment.app, name="prepay")
app.add_typer(field.app, name="field")
app.add_typer(customers.app, name="customer")
app.add_typer(agents.app, name="agent")
app.add_typer(migrating.app, name="migrate")

if find_spec("aiosmtpd"):  # extra `demo`: production never installs it
    from gridhall.simulators import cli as simulators

    app.add_typer(simulators.app, name="simulators")

graphql = typer.Typer(no_args_is_help=True, help="The GraphQL schema.")
app.add_typer(graphql, name="graphql")

SDL = Path(__file__).resolve().parent.parent / "graphql" / "schema.graphql"


@app.command()
def up() -> None:
    """Run the embedded MongoDB and Redis-compatible servers until interrupted."""
    from gridhall.kit.embedded import start_servers  # noqa: PLC0415 - extra `embedded`: production never installs it

    chosen = settings()
    servers = start_servers(data_dir=chosen.data_dir, mongo_uri=chosen.mongo_uri, redis_uri=chosen.redis_uri)
    console.print(f"GRIDHALL_MONGO_URI={servers.mongo_uri}\nGRIDHALL_REDIS_URI={servers.redis_uri}", soft_wrap=True)
    console.file.flush()  # a script that reads them must not wait for the end
    told = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, told)  # else one would end this process before the servers are stopped
    try:
        signal.sigwait(told)
    finally:
        servers.stop()


@app.command()
def demo() -> None:
    """Run the whole service on this machine, with stand-ins and a year of demo data."""
    from gridhall.api.demo.command import demo as run_demo  # noqa: PLC0415 - extra `demo`, likewise

    run_demo()


@graphql.command()
def schema(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Fail where the committed schema is not the present one.")
    ] = False,
) -> None:
    """Write the schema to graphql/schema.graphql."""
    present = sdl()
    if not check:
        SDL.write_text(present)
        errors.print(f"wrote {SDL.name}")
    elif not SDL.exists() or SDL.read_text() != present:
        raise refuse("graphql/schema.graphql is not the present schema; write it with `gridhall graphql schema`")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
