"""GraphiQL in development, with a sign-in of its own; every asset is served from here and none from the internet."""

from importlib import resources
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

_PACKAGE = "graphene_django_graphiql_static"
_FONTS = "noto_cjk_sans_jp_regular"


def mount(app: FastAPI) -> None:
    """Serve GraphiQL under /graphiql where its assets are installed (extra `demo`)."""
    try:
        assets = Path(str(resources.files(_PACKAGE))) / "static" / _PACKAGE
    except ModuleNotFoundError:
        return
    ours = resources.files("gridhall.api.graphiql")
    page = ours.joinpath("page.html").read_text()

    @app.get("/graphiql", include_in_schema=False)
    async def graphiql() -> HTMLResponse:
        """Return the page."""
        return HTMLResponse(page)

    app.mount("/graphiql/assets", StaticFiles(directory=assets), name="graphiql-assets")
    fonts = Path(str(resources.files(_FONTS)))
    app.mount("/graphiql/fonts", StaticFiles(directory=fonts), name="graphiql-fonts")
    app.mount("/graphiql/page", StaticFiles(directory=Path(str(ours)) / "static"), name="graphiql-page")
