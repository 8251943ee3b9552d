"""No module of genbounds imports, by any way round, a module that imports it: function-level and TYPE_CHECKING imports count too."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.statements import statements

ROOT = Path(__file__).resolve().parents[1]
TREES = ("bounds", "models", "verification")


def module_name(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(("genbounds", *(parts[:-1] if parts[-1] == "__init__" else parts)))


def imported(source: str, module: str, known: Mapping[str, object]) -> Iterator[str]:
    """The modules of ``known`` that the source imports anywhere: a name that is a module itself, else the module that it comes from."""
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found = whole if whole in known else node.module
                if found in known:
                    assert found is not None
                    yield found


@functools.cache
def import_graph(root: Path = ROOT, trees: tuple[str, ...] = TREES) -> dict[str, set[str]]:
    sources = {module_name(path, root): path.read_text(encoding="utf-8") for tree in trees for path in sorted((root / tree).rglob("*.py"))}
    return {module: set(imported(source, module, sources)) - {module} for module, source in sources.items()}


def circles(graph: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """The strongly connected components of more than one module (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: set[frozenset[str]] = set()

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = set()
            while node not in component:
                component.add(stack.pop())
            if len(component) > 1:
                found.add(frozenset(component))

    for node in graph:
        if node not in index:
            visit(node)
    return found


@pytest.mark.slow
def test_there_are_no_circles_of_imports() -> None:
    assert [sorted(circle) for circle in circles(import_graph())] == []


def test_the_whole_of_the_three_trees_is_read() -> None:
    graph = import_graph()
    assert len(graph) > 300
    assert "genbounds.bounds.quantity" in graph["genbounds.bounds.certificate"]
    assert "genbounds.bounds.holdout" in graph["genbounds.bounds"]


@pytest.mark.parametrize(
    "line",
    [
        "from genbounds.bounds.b import x",
        "from genbounds.bounds import b",
        "import genbounds.bounds.b",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from genbounds.bounds.b import x",
        "def f():\n    from genbounds.bounds.b import x",
        "class C:\n    def f(self):\n        import genbounds.bounds.b as b",
    ],
)
def test_a_circle_is_seen_however_it_is_closed(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "bounds"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "a.py").write_text(line + "\n")
    (folder / "b.py").write_text("from genbounds.bounds.c import y\n")
    (folder / "c.py").write_text("y = 1\n")
    assert circles(import_graph(tmp_path, ("bounds",))) == set()
    (folder / "c.py").write_text("from genbounds.bounds.a import f\n")
    import_graph.cache_clear()
    found = circles(import_graph(tmp_path, ("bounds",)))
    assert found == {frozenset(f"genbounds.bounds.{name}" for name in "abc")}
