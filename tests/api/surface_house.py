"""A served instance to ask over HTTP: two tenants with a dataset each, and a token per user."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from api import resources
from api.console.viewer import Admit
from api.founding import created, example_sites
from api.gate import Gate
from api.http.access import COOKIE, Allow
from api.instance import Instance
from api.offline import read_network
from api.registry import Registration
from api.surface import create_surface
from api.tokens import principal_of
from policy.label import Level

HOSPITAL, CITY = "midori-hospital", "aoba-city"
USERS = {
    "hospital": ("tenant", HOSPITAL, Level.L4),
    "city": ("tenant", CITY, Level.L4),
    "operator": ("operator", None, Level.L0),
    "auditor": ("auditor", None, Level.L0),
    "admin": ("admin", None, Level.L0),
}


@dataclass(frozen=True)
class Surface:
    """An instance, its app, and who may ask it."""

    instance: Instance
    gate: Gate
    app: FastAPI
    tokens: Mapping[str, str]
    patients: str
    residents: str

    def client(self, user: str | None = None, **headers: str) -> TestClient:
        """Return a client of the API that sends the user's token."""
        if user is not None:
            headers["Authorization"] = f"Bearer {self.tokens[user]}"
        return TestClient(self.app, raise_server_exceptions=False, headers=headers)

    def browser(self, user: str, lang: str = "en") -> TestClient:
        """Return a client that is signed in to the console."""
        client = TestClient(
            self.app, raise_server_exceptions=False, headers={"Accept-Language": lang}
        )
        client.cookies.set(COOKIE, self.tokens[user])
        return client


@contextmanager
def surface(directory: Path) -> Generator[Surface]:
    """Yield a fresh instance on the example network, ready to be asked."""
    network = read_network(resources.example("network/jpn48.json"))
    with created(directory / "instance", network, example_sites(network)) as instance:
        gate = instance.gate(instance.world())
        yield Surface(
            instance,
            gate,
            create_surface(instance, gate),
            {name: _token(instance, name, *user) for name, user in USERS.items()},
            _dataset(instance, "patients.csv", HOSPITAL, "tokyo", "care"),
            _dataset(instance, "residents.csv", CITY, "sendai", "tax"),
        )


def _token(instance: Instance, name: str, role: str, tenant: str | None, level: Level) -> str:
    return instance.issue_token(principal_of(role, name=name, tenant=tenant, clearance=level))


def _dataset(instance: Instance, file: str, tenant: str, site: str, purpose: str) -> str:
    path = resources.example(f"datasets/{file}")
    stated = Registration(tenant, site, frozenset({purpose}), file)
    return instance.registry.register(path, stated)[0].id


@dataclass(frozen=True)
class Handler:
    """One handler: how it is reached, and the kinds of user that it states; None if it does not."""

    method: str
    path: str
    roles: frozenset[str] | None


def handlers(app: FastAPI) -> list[Handler]:
    """Return every handler that can be reached, those of the console included."""
    return list(_handlers(app.routes, ""))


def _handlers(routes: Sequence[BaseRoute], prefix: str) -> Iterator[Handler]:
    for route in iter_route_contexts(routes):
        original = route.original_route
        if isinstance(original, Mount):
            # Static files are for everybody; whatever else is mounted is looked into.
            if not isinstance(original.app, StaticFiles):
                yield from _handlers(original.routes, prefix + original.path)
            continue
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Handler(method, f"{prefix}{route.path}", _stated(route))


def _stated(route: Any) -> frozenset[str] | None:
    dependant = getattr(route, "dependant", None)
    calls = [] if dependant is None else [each.call for each in dependant.dependencies]
    stated = [call.allow if isinstance(call, Admit) else call for call in calls]
    found = [call.roles for call in stated if isinstance(call, Allow)]
    return found[0] if len(found) == 1 else None


def form_of(page: Any) -> str:
    """Return what the page's forms carry."""
    found = page.text.split('name="form" value="', 1)[1]
    return str(found.split('"', 1)[0])
