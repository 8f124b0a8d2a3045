"""The console in a browser: each kind of user signs in and does what it came for."""

import asyncio
import os
import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn

from tests.api.surface_house import Surface, surface

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = os.environ.get("SEKISHO_REQUIRE_CHROMIUM") == "1"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED, reason="no chromium here; SEKISHO_REQUIRE_CHROMIUM=1 fails"
)


@dataclass
class Seen:
    """What a browser said and asked for while a test used it."""

    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def served(house: Surface) -> Generator[str]:
    config = uvicorn.Config(house.app, port=0, log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Surface, str]]:
    with surface(tmp_path_factory.mktemp("browser")) as house, served(house) as address:
        yield house, address


@pytest.fixture(scope="module")
def chromium() -> Generator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a development dependency

    assert CHROMIUM is not None, "SEKISHO_REQUIRE_CHROMIUM=1 and no chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def signed_in(
    chromium: Any, place: tuple[Surface, str], user: str, **options: Any
) -> Generator[tuple[Any, Seen]]:
    house, address = place
    context = chromium.new_context(base_url=address, **options)
    page, seen = context.new_page(), Seen()
    page.on("console", lambda message: seen.said.append(message.text))
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.on("request", lambda request: seen.asked.append(request.url))
    page.goto("/")
    page.fill("#token", house.tokens[user])
    page.click("main button")
    try:
        yield page, seen
    finally:
        context.close()
    assert seen.said == []
    assert [url for url in seen.asked if not url.startswith(address)] == []


def find(page: Any, source: str, target: str, what: str | None = None) -> None:
    if what is not None:
        page.select_option("#what", what)
    page.select_option("#from", source)
    page.select_option("#to", target)
    page.click(".ask button")


@pytest.mark.parametrize("script", [True, False])
def test_a_tenant_finds_a_way_and_asks_for_a_passage(
    chromium: Any, place: tuple[Surface, str], *, script: bool
) -> None:
    options = {"locale": "ja-JP", "java_script_enabled": script}
    with signed_in(chromium, place, "hospital", **options) as (page, _):
        find(page, "tokyo", "itoshima", place[0].patients)
        assert page.text_content(".seal") == "通せる"
        assert page.locator(".hops li").count() == 15
        assert page.locator("#map .way .core").count() == 1
        page.click(".act button")
        assert "/console/decisions/d-" in page.url
        assert page.text_content(".seal") == "通せる"
        page.goto("/console/passages")
        assert page.locator("tbody tr").count() >= 1


def test_an_operator_sees_what_blocks_and_which_span_would_help(
    chromium: Any, place: tuple[Surface, str]
) -> None:
    options = {"locale": "en-GB", "color_scheme": "dark"}
    with signed_in(chromium, place, "operator", **options) as (page, _):
        assert page.locator("nav a").all_text_contents() == ["Map", "Log"]
        find(page, "sendai", "ishikari", "L4")
        assert page.text_content(".seal") == "Refused"
        assert (
            page.locator(".cut .x").count() == page.locator(".barred").first.locator("li").count()
        )
        page.hover(".fix li")
        assert page.locator(".spans .lit").count() == 1


def test_an_auditor_replays_a_decision(chromium: Any, place: tuple[Surface, str]) -> None:
    with signed_in(chromium, place, "hospital", locale="en-GB") as (page, _):
        page.goto(f"/console/datasets/{place[0].patients}")
        page.click(".act button")
        assert page.locator(".v.no").count() == 2
    with signed_in(chromium, place, "auditor", locale="en-GB") as (page, _):
        page.click("nav a:has-text('Decisions')")
        page.click("tbody a")
        page.click(".act button")
        assert "byte for byte" in page.text_content("[role=status]")


def test_a_site_is_chosen_on_the_map_and_the_map_zooms(
    chromium: Any, place: tuple[Surface, str]
) -> None:
    with signed_in(chromium, place, "operator", locale="en-GB") as (page, _):
        page.locator("[data-site=sendai]").click()
        page.locator("[data-site=inzai]").click()
        assert page.input_value("#from") == "sendai"
        assert page.input_value("#to") == "inzai"
        whole = page.get_attribute("#map", "viewBox")
        page.click(".zoom button >> nth=0")
        assert page.get_attribute("#map", "viewBox") != whole
        page.click(".zoom button >> nth=2")
        assert page.get_attribute("#map", "viewBox").split() == whole.split()


CONTRAST = """() => {
  const rgb = (css) => css.match(/[\\d.]+/g).slice(0, 4).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("main *, header *")) {
    const says = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    if (node.closest("svg") || !says) continue;
    const both = [light(rgb(getComputedStyle(node).color)), light(ground(node))];
    const [a, b] = both.sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_words_can_be_read_and_nothing_leaves_the_screen(
    chromium: Any, place: tuple[Surface, str], scheme: str, width: int
) -> None:
    house, _ = place
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    pages = (
        f"/console/?what={house.patients}&from=tokyo&to=itoshima",
        f"/console/?what={house.patients}&from=tokyo&to=vitrolles",
        f"/console/datasets/{house.patients}",
        "/console/datasets",
        "/console/passages",
        "/console/decisions",
        "/console/log",
    )
    with signed_in(chromium, place, "hospital", **options) as (page, _):
        for path in pages:
            page.goto(path)
            assert page.evaluate(CONTRAST) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
