"""Who may ask what: every route states it, and this table says it once more."""

from collections.abc import Generator

import pytest

from tests.api.surface_house import Handler, Surface, handlers, surface

T, N, A, X = "tenant", "operator", "auditor", "admin"
EVERYBODY = {T, N, A, X}
MATRIX: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/datasets"): {T},
    ("GET", "/v1/datasets"): {T, A},
    ("GET", "/v1/datasets/{identity}"): {T, A},
    ("GET", "/v1/datasets/{identity}/classification"): {T, A},
    ("GET", "/v1/datasets/{identity}/placements"): {T},
    ("GET", "/v1/networks"): EVERYBODY,
    ("POST", "/v1/paths:find"): EVERYBODY,
    ("POST", "/v1/paths:check"): EVERYBODY,
    ("POST", "/v1/passages"): {T},
    ("GET", "/v1/passages"): {T, A, X},
    ("GET", "/v1/passages/{identity}"): {T, A, X},
    ("POST", "/v1/passages/{identity}:revoke"): {T, A, X},
    ("GET", "/v1/decisions"): {T, A},
    ("GET", "/v1/decisions/{identity}"): {T, A},
    ("POST", "/v1/decisions/{identity}:replay"): {A},
    ("GET", "/v1/log/checkpoint"): EVERYBODY,
    ("GET", "/v1/log/tile/{path:path}"): {A, X},
    ("POST", "/console/sign-out"): EVERYBODY,
    ("GET", "/console/"): EVERYBODY,
    ("GET", "/console/datasets"): {T, A},
    ("POST", "/console/datasets"): {T},
    ("GET", "/console/datasets/{identity}"): {T, A},
    ("POST", "/console/datasets/{identity}/placements"): {T},
    ("GET", "/console/passages"): {T, A, X},
    ("POST", "/console/passages"): {T},
    ("POST", "/console/passages/{identity}/revoke"): {T, A, X},
    ("GET", "/console/decisions"): {T, A},
    ("GET", "/console/decisions/{identity}"): {T, A},
    ("POST", "/console/decisions/{identity}/replay"): {A},
    ("GET", "/console/log"): EVERYBODY,
}
OPEN = {
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/openapi.json"),
    ("GET", "/console/sign-in"),
    ("POST", "/console/sign-in"),
}
USER_OF = {T: "hospital", N: "operator", A: "auditor", X: "admin"}
# Bodies that a handler would look at; who may not ask is stopped before.
BODIES: dict[str, dict[str, object]] = {
    "/v1/paths:find": {"from": "tokyo", "to_any_cluster": True, "label": "L1"},
    "/v1/paths:check": {"path": {"from": "tokyo", "spans": ["tokyo-yokohama"]}, "label": "L1"},
    "/v1/passages": {"dataset": "ds-none", "to_any_cluster": True},
    "/v1/passages/{identity}:revoke": {"reason": "drill"},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[Surface]:
    with surface(tmp_path_factory.mktemp("access")) as made:
        yield made


def test_every_route_states_its_users_as_the_table_does(house: Surface) -> None:
    stated = {(each.method, each.path): each.roles for each in handlers(house.app)}
    assert {key for key, roles in stated.items() if roles is None} == OPEN
    assert {key: set(roles) for key, roles in stated.items() if roles is not None} == MATRIX


def _status(house: Surface, each: Handler, user: str | None) -> int:
    path = each.path.replace("{identity}", "none").replace("{path:path}", "0/000")
    body = BODIES.get(each.path)
    if not each.path.startswith("/console"):
        return house.client(user).request(each.method, path, json=body).status_code
    client = house.client() if user is None else house.browser(user)
    return client.request(each.method, path, follow_redirects=False).status_code


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_kind_of_user_gets_past_the_door_of_its_own_routes_alone(
    house: Surface, role: str
) -> None:
    for each in handlers(house.app):
        if each.roles is None:
            continue
        status = _status(house, each, USER_OF[role])
        if role in each.roles:
            # The console's forms are refused for want of their own token, behind the door.
            assert status not in {401, 500}, each
            assert status != 403 or (each.method, each.path[:8]) == ("POST", "/console"), each
        else:
            assert status == 403, each


def test_nobody_gets_anywhere_without_a_token(house: Surface) -> None:
    for each in handlers(house.app):
        if each.roles is not None:
            expected = 303 if each.path.startswith("/console") else 401
            assert _status(house, each, None) == expected, each


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer sk_x_y", "Basic c2s6eA==", "Bearer \x00"])
def test_a_token_that_is_not_one_opens_nothing(house: Surface, header: str) -> None:
    answer = house.client().get("/v1/networks", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_opens_nothing(house: Surface) -> None:
    rows = house.instance.tokens.listed()
    before = {row.id for row in rows}
    with house.client("operator") as client:
        assert client.get("/v1/networks").status_code == 200
        identity = house.tokens["operator"].split("_")[1]
        assert identity in before
        house.instance.revoke_token(identity)
        assert client.get("/v1/networks").status_code == 401


def test_the_api_takes_no_cookie_and_the_console_no_header(house: Surface) -> None:
    # A cookie travels by itself: an API that took it could be asked by any page one visits.
    assert house.browser("auditor").get("/v1/networks").status_code == 401
    answer = house.client("auditor").get("/console/", follow_redirects=False)
    assert answer.headers["Location"].startswith("/console/sign-in")


def test_another_tenants_things_look_like_nothing(house: Surface) -> None:
    with house.client("hospital") as hospital, house.client("city") as city:
        asked = {"dataset": house.patients, "to": "itoshima"}
        granted = hospital.post("/v1/passages", json=asked).json()
        passage, decision = granted["passage"]["id"], granted["decision"]
        theirs = [
            ("GET", f"/v1/datasets/{house.patients}"),
            ("GET", f"/v1/datasets/{house.patients}/classification"),
            ("GET", f"/v1/datasets/{house.patients}/placements"),
            ("GET", f"/v1/passages/{passage}"),
            ("POST", f"/v1/passages/{passage}:revoke"),
            ("GET", f"/v1/decisions/{decision}"),
        ]
        for method, path in theirs:
            body = {"reason": "not mine"} if method == "POST" else None
            foreign = city.request(method, path, json=body)
            assert foreign.status_code == 404, path
            identity = path.split("/")[3].removesuffix(":revoke")
            nothing = city.request(method, path.replace(identity, "none"), json=body)
            # Their detail may differ in the id alone, or one could tell what exists.
            assert nothing.text.replace("none", "") == foreign.text.replace(identity, "")
        assert city.post("/v1/passages", json=asked).status_code == 404
        assert city.post(
            "/v1/paths:find", json={"from": "tokyo", "to": "itoshima", "dataset": house.patients}
        ).status_code == 404  # fmt: skip
        assert {each["id"] for each in city.get("/v1/datasets").json()["datasets"]} == {
            house.residents
        }
        assert city.get("/v1/passages").json()["passages"] == []
        assert city.get("/v1/decisions").json()["decisions"] == []
        assert hospital.get(f"/v1/passages/{passage}").json()["state"] == "granted"


def test_only_a_tenant_asks_by_dataset(house: Surface) -> None:
    asked = {"from": "tokyo", "to": "itoshima", "dataset": house.patients}
    assert house.client("auditor").post("/v1/paths:find", json=asked).status_code == 403
