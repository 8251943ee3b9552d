"""Text as wide as the terminal."""

from __future__ import annotations

import doctest
import io
import shutil
import textwrap
import tokenize


def columns() -> int:
    """The width of the terminal, or of what COLUMNS says: 80 where neither says, never below 40 nor above 120."""
    return max(40, min(120, shutil.get_terminal_size((80, 24)).columns))


def wrapped(text: str, indent: int = 2, hanging: int = 2) -> str:
    """The text in lines of that width, indented, and the lines after the first by ``hanging`` more."""
    first, later = " " * indent, " " * (indent + hanging)
    return textwrap.fill(text, columns(), initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)


def wrapped_examples(docstring: str) -> str:
    """The examples of a docstring, their code broken after commas in brackets, so that it stays the same code."""
    lines: list[str] = []
    for example in doctest.DocTestParser().get_examples(docstring):
        code = _broken(example.source, columns() - 6)
        begun = next((number for number, line in enumerate(code) if not line.startswith("#")), 0)  # remarks stand before it
        lines += [f"  {'...' if number > begun else '>>>'} {line}".rstrip() for number, line in enumerate(code)]
        lines += [f"  {line}" for line in example.want.splitlines()]
    return "\n".join(lines)


def _broken(source: str, width: int) -> list[str]:
    """The lines of the code, each that is too long in several: after a comma in brackets, or else after an opening bracket."""
    lines = source.rstrip("\n").split("\n")
    depth, commas, openings, comments = 0, [list[int]() for _ in lines], [list[int]() for _ in lines], [0 for _ in lines]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row, end = token.end[0] - 1, token.end[1]
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if depth and token.string in "([{,":
                (commas if token.string == "," else openings)[row].append(end)
        elif token.type == tokenize.COMMENT and token.start[1]:
            comments[row] = token.start[1]
    made: list[str] = []
    for row, line in enumerate(lines):
        if len(line) > width and comments[row]:
            remark, line = line[comments[row] + 1 :].strip(), line[: comments[row]].rstrip()
            made += textwrap.wrap(remark, width, initial_indent="# ", subsequent_indent="# ")
        made += _pieces(line, commas[row], openings[row], width)
    return made


def _pieces(line: str, commas: list[int], openings: list[int], width: int) -> list[str]:
    made, begin, indent = [], 0, ""
    while len(line) - begin + len(indent) > width:
        most = begin + width - len(indent)
        fitting = [end for end in commas if begin < end <= most] or [end for end in openings if begin < end <= most]
        if not fitting:
            break
        made.append(indent + line[begin : fitting[-1]].strip())
        begin, indent = fitting[-1], "    "
    return [*made, indent + line[begin:].strip() if made else line]
