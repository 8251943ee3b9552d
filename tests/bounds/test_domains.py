"""The domains of inputs: each is written once, so that two formulas cannot come to disagree on what they take."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import genbounds.bounds

FOLDER = Path(genbounds.bounds.__file__).parent


def written_twice(sources: dict[str, str]) -> list[list[str]]:
    """The places of each domain or requirement that is written out, with the same arguments, more than once."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Domain", "Requirement"):
                places[ast.dump(ast.Tuple([node.func, *node.args]))].append(f"{name}:{node.lineno}")
    return [found for found in places.values() if len(found) > 1]


@pytest.mark.slow
def test_each_is_written_once() -> None:
    sources = {str(path.relative_to(FOLDER)): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")}
    assert written_twice(sources) == []


def test_a_copy_is_seen() -> None:
    one = 'N = Domain("be a whole number of at least 2", "a sample variance needs two examples", 2, whole=True)'
    assert written_twice({"a.py": one, "b.py": f"\n{one}.meaning_is('examples')"}) == [["a.py:1", "b.py:2"]]
    assert written_twice({"a.py": one, "b.py": one.replace("2,", "3,")}) == []
