"""What people and programs meet over HTTP: the API, and the console beside it."""

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response

from api.console.app import create_console
from api.gate import Gate
from api.http.app import create_app
from api.instance import Instance


def create_surface(instance: Instance, gate: Gate) -> FastAPI:
    """Return the API with the console under `/console`; `/` leads there."""
    app = create_app(instance, gate)
    app.mount("/console", create_console(instance, gate))

    @app.get("/", include_in_schema=False)
    async def home() -> Response:
        return RedirectResponse("/console/", 303)

    return app
