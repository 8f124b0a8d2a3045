"""OPA's own judgement of the Rego: format, strict check, tests, coverage."""

import json
import subprocess
from pathlib import Path
from typing import Final

REGO: Final = Path(__file__).parents[2] / "policy" / "rego"


def opa(binary: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((binary, *arguments), capture_output=True, text=True, check=False)


def test_the_rego_is_formatted(opa_binary: str) -> None:
    found = opa(opa_binary, "fmt", "--fail", "--list", str(REGO))
    assert (found.returncode, found.stdout) == (0, "")


def test_the_rego_passes_the_strict_check(opa_binary: str) -> None:
    found = opa(opa_binary, "check", "--strict", str(REGO))
    assert found.returncode == 0, found.stderr


def test_the_rego_tests_pass_and_reach_every_line(opa_binary: str) -> None:
    passed = opa(opa_binary, "test", str(REGO))
    assert passed.returncode == 0, passed.stdout
    covered = json.loads(opa(opa_binary, "test", "--coverage", "--format=json", str(REGO)).stdout)
    gaps = {
        name: file["not_covered"]
        for name, file in covered["files"].items()
        if "not_covered" in file
    }
    assert gaps == {}
    assert covered["coverage"] == 100


def test_opa_reads_the_same_metadata(opa_binary: str) -> None:
    found = json.loads(
        opa(opa_binary, "inspect", "--annotations", "--format=json", str(REGO)).stdout
    )
    packages = {
        ".".join(part["value"] for part in one["path"]): one["annotations"]["custom"]
        for one in found["annotations"]
        if one["annotations"].get("custom")
    }
    rules = {name.removeprefix("data.sekisho.rules.") for name in packages}
    assert rules == {path.name for path in (REGO / "sekisho" / "rules").iterdir()}
