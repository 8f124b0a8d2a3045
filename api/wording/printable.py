"""What a terminal is shown: other people's text, without what a terminal would obey."""

import unicodedata


def printable(text: str) -> str:
    """Return `text` with control, direction and half characters spelled out; line ends stay."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        mark.encode("unicode_escape").decode()
        if mark != "\n" and unicodedata.category(mark)[0] == "C"
        else mark
        for mark in text
    )
