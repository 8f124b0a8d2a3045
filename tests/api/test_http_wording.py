"""The catalogues: both languages say everything, with the same places, and nothing twice."""

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import api.wording
from api.wording.sentences import CATALOGUES, sentence
from policy.classify.kinds import CATEGORIES
from routing.spans import CONDUITS, KEY_EXCHANGES, LAYERS

FOLDER = Path(api.wording.__file__).parent
TEMPLATES = FOLDER.parent / "console" / "templates"


def entries() -> Iterator[tuple[str, str, Any]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for code, texts in yaml.safe_load(path.read_bytes()).items():
            yield path.name, code, texts


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_catalogue_is_read() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == set(CATALOGUES)


def test_no_code_stands_in_two_catalogues() -> None:
    codes = [code for _, code, _ in entries()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("name", CATALOGUES)
def test_both_languages_say_everything_with_the_same_places(name: str) -> None:
    for catalogue, code, texts in entries():
        if catalogue == name:
            assert set(texts) == {"ja", "en"}, code
            assert all(text.strip() for text in texts.values()), code
            assert places(texts["ja"]) == places(texts["en"]), code


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_whatever_is_found_or_recorded_has_a_word(lang: str) -> None:
    kinds = {
        kind.split(".")[0] if kind.startswith(("marking.", "sign.")) else kind
        for kind in CATEGORIES
    }
    wanted = [f"kind.{kind}" for kind in kinds]
    wanted += [f"value.{each}" for each in (*CONDUITS, *KEY_EXCHANGES, *LAYERS)]
    assert [code for code in wanted if sentence(code, {}, lang) == code] == []


def test_every_phrase_of_the_templates_is_in_the_catalogue() -> None:
    known = {code for _, code, _ in entries()}
    missing: list[str] = []
    for path in TEMPLATES.glob("*.html"):
        for part in re.split(r"\bt\('", path.read_text(encoding="utf-8"))[1:]:
            code, end = part.split("'", 1)
            # What is put together (`t('state.' ~ ...)`) is covered by the pages' own tests.
            if not end.startswith(" ~") and f"console.{code}" not in known:
                missing.append(f"{path.name}: {code}")
    assert missing == []
