"""The API: answers as in the shell, problems for whatever is not well asked."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from api import resources
from api.http import bounds
from api.http.bounds import HEADERS
from tests.api.surface_house import Surface, surface

PATIENTS = resources.example("datasets/patients.csv")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[Surface]:
    with surface(tmp_path_factory.mktemp("api")) as made:
        yield made


def upload(house: Surface, user: str = "hospital", **data: str) -> Any:
    form = {"site": "tokyo", "purposes": "care, research", **data}
    files = {"file": ("patients.csv", PATIENTS.read_bytes())}
    return house.client(user).post("/v1/datasets", files=files, data=form)


def test_an_uploaded_file_is_labelled_and_belongs_to_the_tokens_tenant(house: Surface) -> None:
    answer = upload(house, name="march", declared="L2", tenant="aoba-city")
    made = answer.json()
    assert answer.status_code == 201
    assert (made["tenant"], made["name"], made["label"]["level"]) == (
        "midori-hospital",
        "march",
        "L3",
    )
    assert made["purposes"] == ["care", "research"]
    assert made["content"].startswith("sha256:")
    client = house.client("hospital")
    assert client.get(answer.headers["Location"]).json()["id"] == made["id"]
    found = client.get(f"{answer.headers['Location']}/classification").json()
    assert found["columns"]["氏名"]["type"] == "person"


def test_no_copy_of_an_upload_stays(
    house: Surface, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert upload(house).status_code == 201
    assert upload(house, site="atlantis").status_code == 422
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"site": ""}, "site"),
        ({"site": "atlantis"}, "atlantis"),
        ({"purposes": " , "}, "purpose"),
        ({"declared": "L9"}, "level"),
    ],
)
def test_a_dataset_stated_badly_is_refused_in_one_line(
    house: Surface, form: dict[str, str], says: str
) -> None:
    answer = upload(house, **form)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    "name", ["..", ".", "../../etc/passwd", "a\\b.csv", "n" * 3000 + ".csv", "台帳.csv", ".csv/"]
)
def test_a_files_name_reaches_no_path(house: Surface, name: str) -> None:
    files = {"file": (name, b"a,b\n1,2\n")}
    form = {"site": "tokyo", "purposes": "care"}
    made = house.client("hospital").post("/v1/datasets", files=files, data=form)
    assert made.status_code == 201
    assert 0 < len(made.json()["name"]) <= 200


def test_an_upload_larger_than_memory_likes_is_taken(house: Surface) -> None:
    files = {"file": ("large.txt", b"x" * (26 << 20))}
    form = {"site": "tokyo", "purposes": "care"}
    made = house.client("hospital").post("/v1/datasets", files=files, data=form)
    assert made.json()["size"] == 26 << 20


def test_a_form_without_a_file_is_refused(house: Surface) -> None:
    for form in ({"data": {"site": "tokyo"}}, {"content": b"no form at all"}):
        answer = house.client("hospital").post("/v1/datasets", **form)
        assert answer.status_code == 422
        assert "file" in answer.json()["detail"]


def test_a_body_without_end_is_cut_off(house: Surface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LARGEST_UPLOAD", 1 << 14)
    assert upload(house).status_code == 413
    chunks = (b"x" * 4096 for _ in range(9))
    kind = "multipart/form-data; boundary=b"
    answer = house.client("hospital").post(
        "/v1/datasets", content=chunks, headers={"Content-Type": kind}
    )
    assert answer.status_code in {400, 413}
    large = json.dumps({"from": "x" * (1 << 20)})
    assert house.client("hospital").post("/v1/paths:find", content=large).status_code == 413


def test_l5_is_refused_and_nothing_of_it_is_kept(house: Surface) -> None:
    before = house.client("hospital").get("/v1/datasets").json()["datasets"]
    files = {"file": ("note.txt", "【極秘文書】 取扱厳重注意。特定秘密".encode())}
    form = {"site": "tokyo", "purposes": "care", "declared": "L5"}
    answer = house.client("hospital").post("/v1/datasets", files=files, data=form)
    assert answer.status_code == 403
    assert house.client("hospital").get("/v1/datasets").json()["datasets"] == before


def test_every_cluster_is_answered_for_and_every_answer_recorded(house: Surface) -> None:
    client = house.client("hospital")
    rows = client.get(f"/v1/datasets/{house.patients}/placements").json()["placements"]
    verdicts = {row["cluster"]: row["verdict"] for row in rows}
    assert set(verdicts) == set(house.gate.world.clusters)
    assert verdicts["itoshima"] == "yes"
    assert verdicts["vitrolles"] == "no"
    for row in rows:
        recorded = client.get(f"/v1/decisions/{row['decision']}").json()
        assert recorded["kind"] == "placement"
        assert (recorded["verdict"] == "permit") is (row["verdict"] == "yes")


def test_a_path_is_found_by_label_and_by_dataset(house: Surface) -> None:
    asked = {"from": "tokyo", "to": "itoshima"}
    for user, subject in (("operator", {"label": "L3"}), ("hospital", {"dataset": house.patients})):
        answer = house.client(user).post("/v1/paths:find", json={**asked, **subject}).json()
        assert answer["verdict"] == "permit"
        assert (answer["paths"][0]["nodes"][0], answer["paths"][0]["nodes"][-1]) == (
            "tokyo",
            "itoshima",
        )


def test_finding_records_nothing(house: Surface) -> None:
    before = house.instance.log.size
    house.client("hospital").post(
        "/v1/paths:find", json={"from": "tokyo", "to_any_cluster": True, "dataset": house.patients}
    )
    assert house.instance.log.size == before


def test_a_refusal_names_what_blocks(house: Surface) -> None:
    asked = {"from": "sendai", "to": "ishikari", "label": "L4"}
    answer = house.client("operator").post("/v1/paths:find", json=asked)
    assert answer.status_code == 200
    refusal = answer.json()["refusal"]
    assert answer.json()["paths"] == []
    assert refusal["reasons"]
    assert refusal["blocking_cut"]["spans"]


@pytest.mark.parametrize("rules", [{"max_km": 1000}, {"max_operators": 1}, {"max_hops": 3}])
def test_rules_of_ones_own_narrow(house: Surface, rules: dict[str, int]) -> None:
    asked = {"from": "tokyo", "to": "itoshima", "label": "L3", "rules": rules}
    assert house.client("operator").post("/v1/paths:find", json=asked).json()["verdict"] == "refuse"


def test_a_path_is_checked_hop_by_hop(house: Surface) -> None:
    path = {"from": "tokyo", "spans": ["tokyo-yokohama", "yokohama-shizuoka"]}
    answer = house.client("operator").post("/v1/paths:check", json={"path": path, "label": "L3"})
    hops = answer.json()["hops"]
    assert [hop["site"] for hop in hops] == ["yokohama", "shizuoka"]
    assert all(verdict in {"yes", "no", "unknown"} for verdict in hops[0]["rules"].values())


@pytest.mark.parametrize(
    "body",
    [
        {"label": "L3"},
        {"from": "tokyo", "label": "L3"},
        {"from": "tokyo", "to": "osaka", "to_any_cluster": True, "label": "L3"},
        {"from": "tokyo", "to": "osaka"},
        {"from": "tokyo", "to": "osaka", "label": "L3", "dataset": "ds-1"},
        {"from": "tokyo", "to": "osaka", "label": "L9"},
        {"from": "tokyo", "to": "osaka", "label": {"level": 3}},
        {"from": "tokyo", "to": "osaka", "label": {"label": 3}},
        {"from": "tokyo", "to": "atlantis", "label": "L3"},
        {"from": "tokyo", "to": "osaka", "label": "L3", "rules": {"allow": "everything"}},
        {"from": "tokyo", "to": "osaka", "label": "L3", "rules": {"max_km": "far"}},
        {"from": "tokyo", "to": "osaka", "label": "L3", "k": 10**9},
        {"from": "tokyo", "to": "osaka", "label": "L3", "protect": "everything"},
        {"from": "tokyo", "to": "osaka", "label": "L3", "k": 2, "protect": "srlg"},
        {"from": "tokyo", "to": "tokyo", "label": "L3"},
        {
            "from": "tokyo",
            "to": "osaka",
            "label": "L3",
            "rules": {"deny": {"operators": ["\ud800"]}},
        },
        {"from": "tokyo", "to": "osaka", "label": "L3", "surprise": 1},
        {"from": "\u0000", "to": "osaka", "label": "L3"},
        [],
    ],
)
def test_a_question_that_is_not_well_formed_is_a_problem(house: Surface, body: Any) -> None:
    # As text with escapes, so that what is no character can be sent at all.
    client = house.client("hospital", **{"Content-Type": "application/json"})
    answer = client.post("/v1/paths:find", content=json.dumps(body))
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"k": NaN}', b"nul"])
def test_a_body_that_is_no_json_is_a_problem(house: Surface, raw: bytes) -> None:
    answer = house.client("hospital").post(
        "/v1/paths:find", content=raw, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/nowhere", 404),
        ("DELETE", "/v1/networks", 405),
        ("GET", "/v1/datasets/none", 404),
        ("GET", "/v1/datasets?limit=0", 422),
        ("GET", "/v1/datasets?limit=100000", 422),
        ("GET", "/v1/datasets?after=" + "x" * 100, 422),
        ("GET", "/v1/decisions?before=-1", 422),
        ("GET", "/v1/decisions?before=99999999999999999999999", 422),
        ("GET", "/v1/decisions?before=' OR 1=1 --", 422),
        ("GET", "/v1/decisions?verdict=perhaps", 422),
    ],
)
def test_whatever_fails_is_a_problem_document(
    house: Surface, method: str, path: str, status: int
) -> None:
    answer = house.client("hospital").request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"]
    assert body["detail"]


def test_a_fault_shows_nothing_of_itself(house: Surface, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr("api.register.list_datasets", broken)
    answer = house.client("hospital").get("/v1/datasets")
    assert answer.status_code == 500
    assert "42" not in answer.text
    page = house.browser("hospital").get("/console/datasets")
    assert page.status_code == 500
    assert "42" not in page.text


def test_a_passage_is_granted_listed_and_revoked(house: Surface) -> None:
    client = house.client("hospital")
    answer = client.post("/v1/passages", json={"dataset": house.patients, "to": "itoshima"})
    assert answer.status_code == 201
    place = answer.headers["Location"]
    assert client.get(place).json()["permit"]
    gone = house.client("auditor").post(f"{place}:revoke", json={"reason": "drill"})
    assert gone.status_code == 200
    assert client.get(place).json()["state"] == "revoked"
    assert client.post(f"{place}:revoke", json={"reason": "again"}).status_code == 409


def test_a_refused_passage_is_an_answer_and_no_passage(house: Surface) -> None:
    answer = house.client("city").post(
        "/v1/passages", json={"dataset": house.residents, "to": "vitrolles"}
    )
    assert answer.status_code == 200
    assert answer.json()["passage"] is None
    assert answer.json()["refusal"]["reasons"]


def test_an_auditor_replays_a_decision(house: Surface) -> None:
    granted = house.client("hospital").post(
        "/v1/passages", json={"dataset": house.patients, "to": "tama"}
    )
    replayed = house.client("auditor").post(f"/v1/decisions/{granted.json()['decision']}:replay")
    assert replayed.json() == {"result": "same", "verdict": "permit", "differences": []}


def test_pages_follow_one_another_to_the_end(house: Surface) -> None:
    for _ in range(3):
        upload(house)
    client = house.client("auditor")
    for name, whole in (("datasets", 200), ("decisions", 200)):
        everything = client.get(f"/v1/{name}?limit={whole}")
        assert "Link" not in everything.headers
        path, seen = f"/v1/{name}?limit=2", []
        while path:
            answer = client.get(path)
            seen += answer.json()[name]
            path = answer.links["next"]["url"] if answer.links else ""
        assert seen == everything.json()[name]


def test_a_list_asks_the_database_the_same_number_of_times_however_long(house: Surface) -> None:
    def statements(path: str) -> int:
        seen: list[str] = []

        def note(*args: Any) -> None:
            seen.append(args[2])

        client = house.client("auditor")
        event.listen(Engine, "before_cursor_execute", note)
        try:
            assert client.get(path).status_code == 200
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len([each for each in seen if each.startswith("SELECT")])

    for name in ("datasets", "passages", "decisions"):
        assert statements(f"/v1/{name}?limit=1") == statements(f"/v1/{name}?limit=200") == 2


def test_what_has_not_changed_is_not_sent_again(house: Surface) -> None:
    client = house.client("hospital")
    for path in (f"/v1/datasets/{house.patients}", "/v1/networks"):
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b"")


def test_the_log_is_read_as_its_files_are(house: Surface) -> None:
    client, signed = house.client("auditor"), house.instance.log.checkpoint()
    assert client.get("/v1/log/checkpoint").content == signed.note
    tile = client.get(f"/v1/log/tile/0/000.p/{signed.size}")
    assert len(tile.content) == 32 * signed.size
    entries = client.get(f"/v1/log/tile/entries/000.p/{signed.size}").content
    assert b"dataset.registered" in entries


@pytest.mark.parametrize(
    "path",
    [
        "../../instance.json",
        "..%2f..%2finstance.json",
        "%2e%2e/%2e%2e/instance.json",
        "/etc/passwd",
        "0/../0/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/00",
        "0/x000/000",
        "64/000",
        "entries/000%00",
        "0/000/",
        "",
        "0/" + "x001/" * 400 + "000",
    ],
)
def test_nothing_but_tiles_is_read(house: Surface, path: str) -> None:
    answer = house.client("auditor").get(f"/v1/log/tile/{path}")
    assert answer.status_code == 404
    assert b"origin" not in answer.content


def test_every_answer_is_dressed_for_browsers(house: Surface) -> None:
    for path in ("/v1/networks", "/healthz", "/nowhere", "/console/sign-in", "/v1/datasets"):
        answer = house.client("hospital").get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_description_names_every_operation_once_and_every_failure_a_problem(
    house: Surface,
) -> None:
    document = house.client().get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    operations = [each for item in document["paths"].values() for each in item.values()]
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
    assert {"registerDataset", "findPaths", "requestPassage", "replayDecision"} <= set(names)
    for each in operations:
        assert "application/problem+json" in each["responses"]["default"]["content"]
        assert "422" not in each["responses"]
    assert "HTTPValidationError" not in json.dumps(document)


def test_two_surfaces_share_nothing(house: Surface, tmp_path: Path) -> None:
    with surface(tmp_path) as other:
        token = other.tokens["auditor"]
        foreign = house.client().get("/v1/networks", headers={"Authorization": f"Bearer {token}"})
        assert foreign.status_code == 401


def test_it_is_ready_only_when_it_can_decide_and_record(
    house: Surface, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.client().get("/healthz").json() == {"status": "ok"}
    assert house.client().get("/readyz").json()["ready"] is True

    async def dead(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(type(house.gate.world.engine), "ask", dead)
    answer = house.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["engine"] is False
    assert answer.json()["checks"]["log"] is True
