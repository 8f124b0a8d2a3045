"""The console's pages: for each kind of user, in both languages, without a script."""

import gzip
import re
from collections.abc import Generator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typing_extensions import override

import api.console
from api import resources
from api.http.access import COOKIE
from tests.api.surface_house import USERS, Surface, form_of, surface

STATIC = Path(api.console.__file__).parent / "static"
FIND = "/console/?what={what}&from={source}&to={target}&protect={protect}"
VOID = {"meta", "link", "input", "br"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[Surface]:
    with surface(tmp_path_factory.mktemp("console")) as made:
        yield made


class Page(HTMLParser):
    """What of a page a reader or a machine relies on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self.addresses: set[str] = set()
        self.inline: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.addresses |= {given[name] for name in ("href", "src", "action") if name in given}
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "label":
            self.labelled.add(given["for"])
        if tag in {"select", "input"} and given.get("type") != "hidden":
            self.fields.add("" if "aria-label" in given else given["id"])
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"], ["code"], ["pre"]):
            self.words.append(data)


def pages_of(house: Surface, user: str) -> list[str]:
    """The pages that a kind of user reads."""
    tenant = USERS[user][0] == "tenant"
    what = {"hospital": house.patients, "city": house.residents}.get(user, "L4")
    found = ["/console/", "/console/log"]
    ways = (("itoshima", "srlg"), ("ishikari", "none"), ("vitrolles", "span"), ("", "none"))
    found += [
        FIND.format(what=what, source="sendai", target=target, protect=protect)
        for target, protect in ways
    ]
    if user != "operator":
        found += ["/console/passages"]
    if tenant or user == "auditor":
        found += ["/console/datasets", "/console/decisions", "/console/decisions?verdict=refuse"]
        found += [f"/console/datasets/{house.patients if user != 'city' else house.residents}"]
    return found


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("user", sorted(USERS))
def test_every_page_is_whole_and_speaks_one_language(house: Surface, user: str, lang: str) -> None:
    client = house.browser(user, lang)
    for path in pages_of(house, user):
        answer = client.get(path)
        assert answer.status_code == 200, path
        page = Page(answer.text)
        text = " ".join(page.words)
        assert f'<html lang="{lang}">' in answer.text
        # Neither a code without a sentence, nor a place without an argument.
        assert (
            re.findall(r"\b(?:console|screen|value|kind|rule|basis|level|remedy)\.\w+", text) == []
        )
        assert re.findall(r"<\w+>|\b\w+\.unknown\b|None|jp\.\w+", text) == [], path
        assert len(page.ids) == len(set(page.ids))
        assert page.fields - {""} <= page.labelled
        assert page.inline == []
        assert all(not address.startswith(("http", "//")) for address in page.addresses)
        assert len(gzip.compress(answer.content)) <= 60_000


@pytest.mark.parametrize("user", sorted(USERS))
def test_no_link_of_a_page_leads_where_its_reader_may_not_go(house: Surface, user: str) -> None:
    client = house.browser(user)
    for path in pages_of(house, user):
        for address in Page(client.get(path).text).addresses:
            if address.startswith("/console/") and "sign-out" not in address:
                status = client.get(address).status_code
                assert status in {200, 405}, f"{path} -> {address}"


def test_assets_keep_to_their_budgets() -> None:
    assert sum(path.stat().st_size for path in STATIC.glob("*.css")) <= 12_000
    assert sum(path.stat().st_size for path in STATIC.glob("*.js")) <= 15_000


def test_who_is_not_signed_in_is_sent_to_the_door_and_back(house: Surface) -> None:
    client = TestClient(house.app)
    wanted = "/console/?what=L3&from=tokyo"
    door = client.get(wanted, follow_redirects=False)
    assert door.status_code == 303
    form = client.get(door.headers["Location"])
    then = form.text.split('name="then" value="')[1].split('"')[0].replace("&amp;", "&")
    assert then == wanted
    sent = {"token": house.tokens["operator"], "then": then}
    answer = client.post("/console/sign-in", data=sent, follow_redirects=False)
    assert answer.headers["Location"] == wanted
    assert client.get(wanted).status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: Surface) -> None:
    for base, secure in (("http://testserver", False), ("https://testserver", True)):
        client = TestClient(house.app, base_url=base)
        sent = {"token": house.tokens["operator"], "then": "/console/"}
        answer = client.post("/console/sign-in", data=sent, follow_redirects=False)
        cookie = answer.headers["Set-Cookie"].lower()
        assert cookie.startswith(f"{COOKIE}=")
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert ("secure" in cookie) is secure


@pytest.mark.parametrize("token", ["", "sk_x_y", "'; --", "x" * 100_000])
def test_a_wrong_token_is_told_so_and_set_nowhere(house: Surface, token: str) -> None:
    answer = TestClient(house.app).post("/console/sign-in", data={"token": token})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert "x" * 100 not in answer.text


@pytest.mark.parametrize(
    "then",
    ["https://evil.example/", "//evil.example", "/v1/x", "/console//evil", "/console/\\e", ""],
)
def test_signing_in_never_leads_off_this_site(house: Surface, then: str) -> None:
    sent = {"token": house.tokens["operator"], "then": then}
    answer = TestClient(house.app).post("/console/sign-in", data=sent, follow_redirects=False)
    assert answer.headers["Location"] == "/console/"


def test_another_site_cannot_sign_somebody_in(house: Surface) -> None:
    answer = TestClient(house.app).post(
        "/console/sign-in",
        data={"token": house.tokens["operator"]},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_signing_out_forgets_the_token(house: Surface) -> None:
    client = TestClient(house.app)
    client.post("/console/sign-in", data={"token": house.tokens["operator"], "then": ""})
    assert client.get("/console/log", follow_redirects=False).status_code == 200
    client.post("/console/sign-out")
    assert client.get("/console/log", follow_redirects=False).status_code == 303


def test_the_language_asked_for_is_remembered(house: Surface) -> None:
    client = house.browser("operator", "en")
    assert "May it pass?" in client.get("/console/").text
    assert "通せるか" in client.get("/console/?lang=ja").text
    assert "通せるか" in client.get("/console/").text
    assert client.get("/console/?lang=xx").status_code == 200


def test_a_way_is_shown_hop_by_hop_and_drawn(house: Surface) -> None:
    path = FIND.format(what=house.patients, source="tokyo", target="itoshima", protect="none")
    page = house.browser("hospital", "ja").get(path).text
    assert "通せる" in page
    assert "1,341" in page
    assert page.index("横浜</b>") < page.index("名古屋</b>") < page.index("大阪</b>")
    assert 'class="way"' in page


def test_a_refusal_says_why_and_what_would_help_and_is_drawn(house: Surface) -> None:
    path = FIND.format(what=house.residents, source="sendai", target="ishikari", protect="none")
    page = house.browser("city", "en").get(path).text
    for said in ("Refused", "the fibre lies under the sea", "Every route crosses one of these"):
        assert said in page
    assert "One span put right would do" in page
    assert 'class="x"' in page
    assert "Ask for a passage" not in page


def test_the_map_has_a_twin_of_words(house: Surface) -> None:
    page = house.browser("operator").get("/console/?what=L4").text
    twin = page.split('<details class="twin">')[1]
    assert twin.count("<tr data-span=") == len(house.gate.world.topology.network.spans)
    assert 'class="v yes"' in twin
    assert 'class="v no"' in twin
    assert 'class="v unknown"' in twin


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("what=L9&from=tokyo", 422),
        ("what=ds-none&from=tokyo", 422),
        ("what=L3&from=atlantis&to=osaka", 422),
        ("what=L3&from=tokyo&to=atlantis", 422),
        ("what=L3&from=tokyo&to=%3Cscript%3Ealert(1)%3C/script%3E", 422),
        ("what=L3&from=tokyo&protect=all", 422),
        ("what=" + "x" * 300, 422),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_by_a_page(
    house: Surface, query: str, status: int
) -> None:
    answer = house.browser("operator").get(f"/console/?{query}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<script>alert" not in answer.text
    assert 'role="alert"' in answer.text


def test_a_name_with_markup_is_shown_as_it_is(house: Surface) -> None:
    client = house.browser("hospital")
    sent: dict[str, Any] = {
        "form": form_of(client.get("/console/datasets")),
        "site": "tokyo",
        "purposes": "care",
        "name": '<img src=x onerror="alert(1)">',
    }
    files = {"file": ("p.csv", resources.example("datasets/patients.csv").read_bytes())}
    made = client.post("/console/datasets", data=sent, files=files)
    assert made.status_code == 200
    assert "<img" not in made.text
    assert "&lt;img" in made.text
    assert Page(client.get("/console/").text).inline == []


@pytest.mark.parametrize("form", ["", "0" * 64, "é"])
def test_a_form_of_another_session_does_nothing(house: Surface, form: str) -> None:
    client, before = house.browser("hospital"), house.instance.log.size
    for path in ("/console/passages", f"/console/datasets/{house.patients}/placements"):
        sent = {"form": form, "what": house.patients, "to": "itoshima"}
        assert client.post(path, data=sent).status_code == 403
    assert house.instance.log.size == before


def test_a_form_made_for_one_user_is_not_taken_from_another(house: Surface) -> None:
    form = form_of(house.browser("city").get("/console/datasets"))
    answer = house.browser("hospital").post(
        "/console/passages", data={"form": form, "what": house.patients, "to": "itoshima"}
    )
    assert answer.status_code == 403


def test_a_passage_is_asked_for_seen_and_revoked(house: Surface) -> None:
    client = house.browser("hospital")
    path = FIND.format(what=house.patients, source="tokyo", target="itoshima", protect="none")
    sent = {"form": form_of(client.get(path)), "what": house.patients, "to": "itoshima"}
    decision = client.post("/console/passages", data=sent)
    assert decision.status_code == 200
    assert "Permitted" in decision.text
    auditor = house.browser("auditor")
    listed = auditor.get("/console/passages")
    passage = re.findall(r"/console/passages/(p-\w+)/revoke", listed.text)[0]
    revoke = f"/console/passages/{passage}/revoke"
    assert auditor.post(revoke, data={"form": form_of(listed), "reason": " "}).status_code == 422
    gone = auditor.post(revoke, data={"form": form_of(listed), "reason": "drill"})
    assert "revoked" in gone.text
    assert passage not in re.findall(r"/console/passages/(p-\w+)/revoke", gone.text)


def test_placements_are_asked_and_their_decisions_linked(house: Surface) -> None:
    client = house.browser("hospital", "ja")
    place = f"/console/datasets/{house.patients}"
    answer = client.post(f"{place}/placements", data={"form": form_of(client.get(place))})
    rows = re.findall(r'/console/decisions/(d-\w+)"', answer.text)
    assert len(rows) == len(house.gate.world.clusters)
    assert "jp.med" not in answer.text
    shown = client.get(f"/console/decisions/{rows[-1]}")
    assert shown.status_code == 200
    assert "再現する" not in shown.text


def test_an_auditor_replays_from_the_page(house: Surface) -> None:
    client = house.browser("auditor")
    listed = client.get("/console/decisions").text
    place = re.findall(r'href="(/console/decisions/d-\w+)"', listed)[0]
    sent = {"form": form_of(client.get(place))}
    assert "byte for byte" in client.post(f"{place}/replay", data=sent).text


@pytest.mark.parametrize("before", ["x", "9" * 30, "-1", ""])
def test_a_cursor_that_is_none_is_a_page_too(house: Surface, before: str) -> None:
    answer = house.browser("auditor").get(f"/console/decisions?before={before}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_page_that_is_not_there_says_so(house: Surface) -> None:
    for path in ("/console/nowhere", "/console/datasets/none", "/console/static/../app.py"):
        answer = house.browser("auditor").get(path)
        assert answer.status_code == 404
    assert 'role="alert"' in house.browser("auditor").get("/console/datasets/none").text


def test_the_first_address_leads_to_the_console(house: Surface) -> None:
    answer = house.client().get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/")
