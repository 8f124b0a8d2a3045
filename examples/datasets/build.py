"""Make the small example tables, all synthetic, the same bytes for the same seed.

Run `python examples/datasets/build.py` to write them beside this file, or with `--check` to learn
whether the committed files are what the generator gives (exit code 1 if not). Numbers carry valid
check digits, so that detectors have something to find; the people do not exist. The check digits
are computed here on purpose, apart from the product, which must agree with them.
"""

import csv
import hashlib
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

HERE = Path(__file__).parent
ROWS = 200
T = TypeVar("T")
Words = Mapping[str, Any]


class Dice:
    """Draws that depend on a seed alone, on every machine and version (SHA-256 in counter mode)."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1."""
        self._count += 1
        drawn = hashlib.sha256(f"{self._seed}/{self._count}".encode()).digest()
        return int.from_bytes(drawn, "big") % limit

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`."""
        return choices[self.below(len(choices))]

    def digits(self, length: int) -> str:
        """Return `length` decimal digits."""
        return f"{self.below(10**length):0{length}d}"


def my_number(body: str) -> str:
    """Return the 12 digits of an individual number for 11 digits (ordinance 85 of 2014, art. 5)."""
    return body + _modulus_11(body)


def resident_code(body: str) -> str:
    """Return the 11 digits of a resident record code for 10 digits."""
    return body + _modulus_11(body)


def insurer_number(body: str) -> str:
    """Return the 8 digits of an insurer number for 7 digits (modulus 10, weights 2 and 1)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        product = int(digit) * (2 - place % 2)
        total += product // 10 + product % 10
    return body + str(-total % 10)


def _modulus_11(body: str) -> str:
    weights = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)
    pairs = zip(reversed(body), weights, strict=False)
    rest = sum(int(digit) * weight for digit, weight in pairs) % 11
    return "0" if rest <= 1 else str(11 - rest)


def _person(dice: Dice, words: Words) -> dict[str, str]:
    sex = dice.pick(("男", "女"))
    surname, surname_kana = dice.pick(words["surnames"])
    given, given_kana = dice.pick(words["given"][sex])
    postal, place = dice.pick(words["places"])
    born = f"{1932 + dice.below(88)}-{1 + dice.below(12):02d}-{1 + dice.below(28):02d}"
    house = f"{1 + dice.below(9)}-{1 + dice.below(30)}-{1 + dice.below(20)}"
    return {
        "氏名": f"{surname} {given}",
        "カナ": f"{surname_kana} {given_kana}",
        "生年月日": born,
        "性別": sex,
        "郵便番号": postal,
        "住所": f"{place}{house}",
        "電話番号": f"0{dice.pick('789')}0-{1 + dice.below(9)}{dice.digits(3)}-{dice.digits(4)}",
    }


def patients(words: Words) -> str:
    """Return a hospital's patient table as CSV: names, insurance, diagnoses, prescriptions."""
    dice = Dice("patients")
    rows: list[dict[str, str]] = []
    for number in range(1, ROWS + 1):
        person = _person(dice, words)
        del person["郵便番号"]
        insurer = f"{dice.pick(('01', '06', '31', '39'))}{1 + dice.below(47):02d}{dice.digits(3)}"
        rows.append(
            {"患者ID": f"P{number:06d}"}
            | person
            | {
                "保険者番号": insurer_number(insurer),
                "被保険者番号": dice.digits(8),
                "傷病名": dice.pick(words["diagnoses"]),
                "処方": dice.pick(words["prescriptions"]),
            }
        )
    return _csv(rows)


def residents(words: Words) -> str:
    """Return a municipality's resident table as CSV, with individual numbers and record codes."""
    dice = Dice("residents")
    rows: list[dict[str, str]] = []
    for number in range(1, ROWS + 1):
        moved = f"{2005 + dice.below(21)}-{1 + dice.below(12):02d}-{1 + dice.below(28):02d}"
        rows.append(
            {"宛名番号": f"{number:08d}", "世帯番号": f"{1 + number // 2:08d}"}
            | _person(dice, words)
            | {
                "個人番号": my_number(dice.digits(11)),
                "住民票コード": resident_code(dice.digits(10)),
                "異動事由": dice.pick(words["moves"]),
                "異動日": moved,
            }
        )
    return _csv(rows)


def statistics(words: Words) -> str:
    """Return a public table as CSV: prefectures, round populations, and the open licence."""
    return _csv(
        {
            "都道府県コード": f"{code:02d}" if isinstance(code, int) else code,
            "都道府県": name,
            "人口（千人）": str(people),
            "世帯数（千世帯）": str(households),
            "利用条件": "政府標準利用規約（第2.0版）",
            "注": "例示用の概数",
        }
        for code, name, people, households in words["prefectures"]
    )


def _csv(rows: Iterable[Mapping[str, str]]) -> str:
    table = list(rows)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(table[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(table)
    return stream.getvalue()


def files() -> dict[str, bytes]:
    """Return every generated file by its name."""
    words = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))
    table = patients(words)
    return {
        "patients.csv": table.encode(),
        "patients-cp932.csv": table.encode("cp932"),
        "residents.csv": residents(words).encode(),
        "population.csv": statistics(words).encode(),
    }


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` return 1 when a committed one differs."""
    made = files()
    if arguments == ["--check"]:
        return int(any((HERE / name).read_bytes() != raw for name, raw in made.items()))
    for name, raw in made.items():
        (HERE / name).write_bytes(raw)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
