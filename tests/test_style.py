"""Rules for the whole tree: what starts with an underscore stays in its folder, docstrings are in Google's dialect, code in them stands
in double backticks, and some phrases that stop a reader are not written: "one entry a layer" is one entry per layer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.statements import statements

ROOT = Path(__file__).parents[1]
PACKAGES = ("bounds", "models", "verification")
COUNTED = ("one", "entry", "entries", "number", "numbers", "nats", "bits", "bytes")
RATES = re.compile(
    f" an? (?:{'|'.join(f'(?<={word} {article} )' for word in COUNTED for article in ('a', 'an'))})"
    r"(?:axis|bit|cell|channel|draw|example|layer|output|row|second|seed|step|unit|weight)\b"
)
OTHERS = re.compile(r"What came out|(?<!there) (?:is|are) no (?:whole )?numbers?\b")
"""Of what was once written all over the tree; "per", "Results" and "is not a number" are plain."""
FILES = sorted(path for folder in (*PACKAGES, "tests", "docs") for path in (ROOT / folder).rglob("*.py"))


@cache
def read(source: str) -> tuple[list[tuple[int, list[tuple[str, ...]]]], list[tuple[int, str]]]:
    """The lines of a file that import something, with the dotted names, and those where a text stands as a statement, with the text.

    Read once for three rules, and the syntax tree let go: a thousand that are kept are what takes the time.
    """
    imports: list[tuple[int, list[tuple[str, ...]]]] = []
    texts: list[tuple[int, str]] = []
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            imports.append((node.lineno, [tuple(alias.name.split(".")) for alias in node.names]))
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports.append((node.lineno, [(*node.module.split("."), alias.name) for alias in node.names]))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            texts.append((node.lineno, node.value.value))
    return imports, texts


def folder_of(path: Path) -> tuple[str, ...]:
    """The package whose private names a file may import: its own; of a test, the one that its folder mirrors."""
    parts = path.relative_to(ROOT).parts[:-1]
    return parts[1:] if parts[0] == "tests" else parts


def private_imports(source: str, folder: tuple[str, ...], root: Path = ROOT) -> Iterator[str]:
    """The imports of a module or name with a leading underscore from outside the folder that it lies in."""
    for line, imported in read(source)[0]:
        for dotted in imported:
            if dotted[0] != "genbounds":
                continue
            for position, word in enumerate(dotted):
                if word.startswith("_") and not word.startswith("__"):
                    owner = dotted[1:position]
                    if root.joinpath(*owner).with_suffix(".py").is_file():  # a name of a module lies in the folder of that module
                        owner = owner[:-1]
                    if folder[: len(owner)] != owner:
                        yield f"line {line}: {'.'.join(dotted)}"
                    break


def docstrings(source: str) -> Iterable[tuple[int, str]]:
    """Every text that stands as a statement: docstrings of modules, classes and functions, and those after an assignment."""
    return read(source)[1]


def other_dialects(source: str) -> Iterator[str]:
    """Underlined headings (numpy) and field lists (Sphinx) in docstrings."""
    for line, text in docstrings(source):
        for found in re.findall(r"^[ \t]*(?:-{3,}|={3,}|:(?:param|returns?|raises|type|rtype)\b.*)$", text, re.MULTILINE):
            yield f"line {line}: {found.strip()}"


def single_backticks(source: str) -> Iterator[str]:
    """Code in single backticks, which reStructuredText takes for a reference."""
    for line, text in docstrings(source):
        for found in re.findall(r"(?<!`)`(?!`)[^`\n]+`(?!`)", text):
            yield f"line {line}: {found}"


def stopping_phrases(text: str) -> Iterator[str]:
    """The phrases of a text that stop a reader."""
    for rule in (RATES, OTHERS):
        for found in rule.finditer(text):
            yield f"line {text.count(chr(10), 0, found.start()) + 1}: {text[max(0, found.start() - 10) : found.end()]}"


def offences(check: object) -> list[str]:
    """What a check finds in the tree, with the files."""
    assert callable(check)
    return [f"{path.relative_to(ROOT)}, {found}" for path in FILES for found in check(path.read_text(encoding="utf-8"))]


@pytest.mark.slow
def test_what_starts_with_an_underscore_is_imported_in_its_folder_alone() -> None:
    found = [
        f"{path.relative_to(ROOT)}, {offence}"
        for path in FILES
        for offence in private_imports(path.read_text(encoding="utf-8"), folder_of(path))
    ]
    assert not found, "give the name a public module, or take it from where it is public"


def test_docstrings_are_in_one_dialect() -> None:
    assert not offences(other_dialects), "write Args:, Returns:, Raises:, Attributes: with indented entries"


def test_code_in_docstrings_stands_in_double_backticks() -> None:
    assert not offences(single_backticks)


def test_no_phrase_stops_a_reader() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    found = [f"{path.name}, {phrase}" for path in pages for phrase in stopping_phrases(path.read_text(encoding="utf-8"))]
    assert not found + [one for one in offences(stopping_phrases) if not one.startswith("tests/test_style.py")]


def test_planted_phrases_are_seen() -> None:
    for phrase in ("one entry a layer", "0.002 nats a bit", "one number a weight", "What came out", "a text that is no number"):
        assert list(stopping_phrases(f"first\n{phrase}.")), phrase
    for phrase in ("one entry per layer", "there is no number to cite", "what a layer is", "it is not a number"):
        assert not list(stopping_phrases(phrase)), phrase


def test_planted_offences_are_seen() -> None:
    inside, outside = ("models", "norms"), ("models", "tracing")
    for source in (
        "from genbounds.models.norms._torus import torus_bounds",
        "from genbounds.models.norms import _torus",
        "import genbounds.models.norms._torus",
        "from genbounds.models.norms.data import _as_float64",
        "def f():\n    from genbounds.models.norms._torus import torus_bounds",
    ):
        assert list(private_imports(source, outside))
        assert not list(private_imports(source, inside))
        assert not list(private_imports(source, (*inside, "deeper")))
    assert not list(private_imports("from genbounds.bounds import __version__\nfrom torch._C import x", outside))
    numpy = 'def f(x):\n    """Do.\n\n    Parameters\n    ----------\n    x: a number.\n    """\n'
    sphinx = 'def f(x):\n    """Do.\n\n    :param x: a number.\n    """\n'
    assert list(other_dialects(numpy))
    assert list(other_dialects(sphinx))
    assert not list(other_dialects('"""Do.\n\nArgs:\n    x: a number, a - b --- or so.\n"""\n'))
    assert list(single_backticks('"""Read `x`."""'))
    assert list(single_backticks('X = 1\n"""The value of `x`."""'))
    assert not list(single_backticks('"""Read ``x`` and ``y``."""\nz = "`x`"'))
