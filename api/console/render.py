"""Pages from templates: every value escaped, every phrase from the catalogues."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.console.viewer import LANG_COOKIE, LANGS, Viewer, language
from api.wording.sentences import word

FOLDER: Final = Path(__file__).parent
_YEAR: Final = 365 * 24 * 3600
_LONG: Final = 12
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The phrases of one language whose codes begin with `prefix`."""

    prefix: str
    lang: str

    def __call__(self, code: str, **args: Any) -> str:
        return word(self.prefix + code, self.lang, **args)


def page(
    request: Request,
    template: str,
    viewer: Viewer | None,
    *,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """Return a page in the viewer's language; a language asked for is remembered."""
    lang = language(request) if viewer is None else viewer.lang
    context: dict[str, Any] = {
        "lang": lang,
        "other": next(each for each in LANGS if each != lang),
        "viewer": viewer,
        "path": request.url.path,
        "query": dict(request.query_params),
        "t": _Phrases("console.", lang),
        "say": _Phrases("", lang),
        "clock": _clock,
        "figure": _figure,
        "short": _short,
        **values,
    }
    answer = HTMLResponse(_ENVIRONMENT.get_template(template).render(context), status)
    if request.query_params.get("lang") in LANGS:
        answer.set_cookie(LANG_COOKIE, lang, max_age=_YEAR, httponly=True, samesite="lax")
    return answer


def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _figure(value: float, places: int = 0) -> str:
    return f"{value:,.{places}f}"


def _short(digest: str) -> str:
    bare = digest.removeprefix("sha256:")
    return bare if len(bare) <= _LONG else f"{bare[:_LONG]}…"
