"""What goes to a terminal: text in which nothing is obeyed, and which is not endless."""

from __future__ import annotations

import re
import unicodedata
import warnings
from typing import Any

import typer
from typer.core import TyperGroup

LONGEST_WORD, LONGEST_MESSAGE, KEPT = 200, 5000, 60
"""Characters of a word without spaces, and of a whole message, that an error shows; and how much of the beginning of a longer word."""
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what a terminal may obey: controls (the escape character among them), marks that turn the direction of writing or
are invisible, halves of surrogates, line separators."""


def escaped(text: str) -> str:
    r"""The text with everything that a terminal may obey written out; line ends and tabs stay.

    Names in files, paths and labels may hold sequences that move the cursor, forge lines or change the window's title.

    >>> escaped("a\x1b[2Jb\u202e\x9bc")
    'a\\x1b[2Jb\\u202e\\x9bc'
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_written(one) if unicodedata.category(one) in _UNSAFE and one not in "\n\t" else one for one in text)


def shortened(text: str) -> str:
    """The text of an error without endless words: an input of 5 000 digits is shown by its beginning and its length.

    >>> shortened("n must be a number, got " + "9" * 5000)[-62:]
    '999999999999999999999999999999999999999... (5000 characters)'
    """
    if len(text) > LONGEST_WORD:
        text = re.sub(
            rf"(\S{{{LONGEST_WORD + 1},}}?)([^\w\s]*)(?=\s|$)", lambda it: f"{it[1][:KEPT]}... ({len(it[1])} characters){it[2]}", text
        )
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}... ({len(text)} characters)"


def say(text: str, *, err: bool = False) -> None:
    """Print a text, ``escaped``; every command prints by this alone."""
    typer.echo(escaped(text), err=err)


def say_warnings() -> None:
    """From now on warnings are one line on stderr, ``escaped`` and ``shortened``: they may name files and what is in them."""

    def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
        say(shortened(f"genbounds: {category.__name__}: {message}"), err=True)

    warnings.showwarning = show  # type: ignore[assignment]


class Group(TyperGroup):
    """Commands whose usage errors are ``escaped`` and ``shortened``: they echo what was typed, and file names are often not typed by
    hand."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """As always."""
        try:
            return super().make_context(*args, **kwargs)
        except Exception as error:
            raise _quoted(error) from None

    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        """As always."""
        try:
            return super().invoke(*args, **kwargs)
        except Exception as error:
            raise _quoted(error)  # noqa: B904  the same error


def _quoted(error: Any) -> Any:
    """The same error; where it is one of usage, with a message that is safe to show."""
    if hasattr(error, "format_message"):
        words = escaped(shortened(error.format_message()))
        error.format_message = lambda: words
    return error


def _written(one: str) -> str:
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
