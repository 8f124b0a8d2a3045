"""Idempotency-Key: a repeat does nothing twice, and another request is not taken for a repeat."""

from collections.abc import Generator

import pytest

from api.http.once import KEPT_SECONDS
from api.store.idempotency import begin_answer, keep_answer
from tests.api.surface_house import Surface, surface


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[Surface]:
    with surface(tmp_path_factory.mktemp("once")) as made:
        yield made


def test_a_repeated_passage_is_the_same_passage(house: Surface) -> None:
    client = house.client("hospital", **{"Idempotency-Key": "march-1"})
    asked = {"dataset": house.patients, "to": "itoshima"}
    first, size = client.post("/v1/passages", json=asked), house.instance.log.size
    again = client.post("/v1/passages", json=asked)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["Location"] == again.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert house.instance.log.size == size


def test_a_repeated_upload_is_the_same_dataset(house: Surface) -> None:
    client = house.client("hospital", **{"Idempotency-Key": "upload-1"})
    form = {"site": "tokyo", "purposes": "care"}
    files = {"file": ("a.csv", b"name,mail\nx,a@example.com\n")}
    first = client.post("/v1/datasets", files=files, data=form)
    assert first.status_code == 201
    assert client.post("/v1/datasets", files=files, data=form).json() == first.json()
    other = {"file": ("a.csv", b"name,mail\ny,b@example.com\n")}
    assert client.post("/v1/datasets", files=other, data=form).status_code == 422


def test_a_key_is_no_ones_but_its_users(house: Surface) -> None:
    headers = {"Idempotency-Key": "shared"}
    mine = house.client("hospital", **headers).post(
        "/v1/passages", json={"dataset": house.patients, "to": "tama"}
    )
    theirs = house.client("city", **headers).post(
        "/v1/passages", json={"dataset": house.residents, "to": "shirakawa"}
    )
    assert mine.json()["decision"] != theirs.json()["decision"]


def test_another_request_with_the_same_key_is_refused(house: Surface) -> None:
    client = house.client("hospital", **{"Idempotency-Key": "twice"})
    client.post("/v1/passages", json={"dataset": house.patients, "to": "itoshima"})
    other = client.post("/v1/passages", json={"dataset": house.patients, "to": "tama"})
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]


def test_a_failed_request_may_be_tried_again_with_its_key(house: Surface) -> None:
    client = house.client("hospital", **{"Idempotency-Key": "later"})
    asked = {"dataset": "ds-none", "to": "itoshima"}
    assert client.post("/v1/passages", json=asked).status_code == 404
    assert client.post("/v1/passages", json=asked).status_code == 404


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201])
def test_a_key_that_is_none_is_a_problem(house: Surface, key: str) -> None:
    answer = house.client("hospital", **{"Idempotency-Key": key}).post(
        "/v1/passages", json={"dataset": house.patients, "to": "itoshima"}
    )
    assert answer.status_code == 422


def test_what_was_cut_off_is_not_done_again_and_what_is_old_is_forgotten(house: Surface) -> None:
    with house.instance.database.begin() as session:
        assert begin_answer(session, "n", "f", now=0, kept=KEPT_SECONDS) is None
    with (
        pytest.raises(Exception, match="not answered yet"),
        house.instance.database.begin() as session,
    ):
        begin_answer(session, "n", "f", now=1, kept=KEPT_SECONDS)
    with house.instance.database.begin() as session:
        keep_answer(session, "n", 201, "/x", b"{}")
    with house.instance.database.begin() as session:
        earlier = begin_answer(session, "n", "f", now=2, kept=KEPT_SECONDS)
        assert earlier is not None
        assert (earlier.status, earlier.body) == (201, b"{}")
        assert begin_answer(session, "n", "f", now=KEPT_SECONDS + 1, kept=KEPT_SECONDS) is None
