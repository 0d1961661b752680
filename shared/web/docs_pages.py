"""The interface's own description as a page, with every script and style from this house: an
intranet has no way to a public CDN, and no foreign script runs where people sign in."""

from __future__ import annotations

from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

PAGE: Final = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<noscript>这一页需要浏览器运行脚本；接口说明在 <a href="openapi.json">openapi.json</a>。</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START: Final = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
});
"""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The library sets styles on single elements, hence the exception for styles."""
FILES: Final = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")
_KEPT: Final = {"Cache-Control": "public, max-age=86400"}


def docs_routes(service: str, title: str) -> list[BaseRoute]:
    """`/<service>/docs` and what the page loads. The same for everybody, so without a guard."""
    page = PAGE.format(title=escape(title))

    async def show(_: Request) -> Response:
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    async def start(_: Request) -> Response:
        return Response(START, media_type="text/javascript", headers=_KEPT)

    def file(name: str) -> Route:
        async def send(_: Request) -> Response:
            return FileResponse(folder / name, headers=_KEPT)

        return Route(f"/{service}/docs/{name}", send, include_in_schema=False)

    folder = _folder()
    return [
        Route(f"/{service}/docs", show, include_in_schema=False),
        Route(f"/{service}/docs/start.js", start, include_in_schema=False),
        *(file(name) for name in FILES),
    ]


def _folder() -> Path:
    """Where the dependency that carries Swagger UI keeps it; the package itself is not loaded."""
    found = find_spec("fastapi_offline")
    if found is None or found.origin is None:
        raise RuntimeError("the package fastapi-offline is missing")
    return Path(found.origin).parent / "static"
