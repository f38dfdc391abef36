"""`gridhall feed`: import files of readings, look into the quarantine, add feed clients."""

import typer

from gridhall.metering.feed import clients_cli as clients
from gridhall.metering.feed import quarantine_cli as quarantine
from gridhall.metering.feed.imports import cli as imports
from gridhall.metering.feed.stream import cli as stream
from gridhall.metering.histories import cli as histories

app = typer.Typer(name="feed", help="The meter feed: readings in, refused rows kept.", no_args_is_help=True)
app.add_typer(quarantine.app)
app.add_typer(clients.app)
app.add_typer(stream.stream_app)
app.command("consume")(stream.consume)
app.command("publish")(stream.publish)
app.command("import", epilog=imports.COLUMNS)(imports.import_files)
app.command("formats")(imports.formats)
app.command("resplit")(histories.resplit_days)
