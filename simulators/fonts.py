"""The system font of the phone, for machines that have no Chinese one: the same two files that the e-bill is set in."""

from importlib.resources import files
from pathlib import Path

from starlette.responses import FileResponse
from starlette.routing import Route

_FILES = {
    "regular": ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
    "bold": ("noto_cjk_sans_jp_bold", "NotoSansCJKjp-Bold.otf"),
}
_HEADERS = {
    # A mail is shown in a frame that has no origin of its own, and a font is only lent to a named origin or to all.
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=604800, immutable",
}


def font_routes() -> list[Route]:
    """Return what is served, under /fonts; a browser asks for it only where its own fonts have no Chinese."""
    return [Route(f"/fonts/{weight}.otf", _serve(package, name)) for weight, (package, name) in _FILES.items()]


def _serve(package: str, name: str) -> FileResponse:
    path = Path(str(files(package))) / name
    return FileResponse(path, media_type="font/otf", headers=_HEADERS)
