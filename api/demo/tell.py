"""How the story is told: headings in both languages, sentences in the language asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.wording.sentences import sentence


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the story in `langs` on a terminal; with none, it is silent."""

    langs: tuple[str, ...]

    def heading(self, number: int, code: str) -> None:
        """Begin a step; its title is shown in Japanese and English whatever the language."""
        if not self.langs:
            return
        from api.show import console  # noqa: PLC0415 - rich is slow to import

        title = "  ".join(sentence(f"demo.{code}", {}, lang) for lang in ("ja", "en"))
        console.print(f"\n{number}. {title}", style="bold cyan", markup=False)

    def say(self, code: str, **args: Any) -> None:
        """Say one sentence."""
        for place, lang in enumerate(self.langs):
            from api.show import console  # noqa: PLC0415 - rich is slow to import

            style = None if place == 0 else "dim"
            console.print(f"   {sentence(code, args, lang)}", style=style, markup=False)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show rows; the headings are codes of the screens, in both languages."""
        if not self.langs:
            return
        from api.show import show_rows  # noqa: PLC0415 - rich is slow to import

        titles = [
            " ".join(dict.fromkeys(sentence(f"screen.{each}", {}, lang) for lang in self.langs))
            for each in headings
        ]
        show_rows(titles, rows)

    def path(self, path: Mapping[str, Any], network: Any) -> None:
        """Show a path hop by hop."""
        if not self.langs:
            return
        from api.show import show_path  # noqa: PLC0415 - rich is slow to import

        show_path(path, network, self.langs[0])

    def refusal(self, refusal: Mapping[str, Any]) -> None:
        """Show why not, and what would help."""
        from api.show import show_refusal  # noqa: PLC0415 - rich is slow to import

        for lang in self.langs:
            show_refusal(refusal, lang)

    def word(self, code: str) -> str:
        """Return a word of the screens, in the first language."""
        return sentence(code, {}, self.langs[0]) if self.langs else ""

    def reasons(self, reasons: Sequence[Any]) -> str:
        """Return the distinct sentences of some reasons, in the first language."""
        if not self.langs:
            return ""
        lines = [
            sentence(each.code, {**each.args, "subject": each.subject}, self.langs[0])
            for each in reasons
        ]
        return " / ".join(dict.fromkeys(lines))
