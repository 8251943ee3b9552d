"""The rules that keep the readings of a formula equal, checked on its syntax tree."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from genbounds.bounds import FAMILIES, catalogue

ROOT = Path(__file__).parents[2]
FILES = sorted(path for family in FAMILIES for path in (ROOT / "bounds" / family).glob("*.py") if path.name != "__init__.py")
FORBIDDEN_CALLS = {"min", "max", "sum", "abs", "round", "pow", "float", "int", "any", "all", "range", "sorted", "len"}
FORBIDDEN_NODES = {
    ast.If: "if",
    ast.IfExp: "conditional expression",
    ast.While: "while",
    ast.For: "for",
    ast.ListComp: "comprehension",
    ast.SetComp: "comprehension",
    ast.DictComp: "comprehension",
    ast.GeneratorExp: "comprehension",
    ast.Compare: "comparison (use math.less, math.less_equal)",
    ast.BoolOp: "and / or",
    ast.Not: "not",
    ast.Try: "try",
    ast.Raise: "raise",
    ast.Assert: "assert",
    ast.FloorDiv: "floor division",
    ast.Mod: "remainder",
}


def is_declared(function: ast.FunctionDef) -> bool:
    """Whether a decorator makes it a formula: ``@bound(...)``, ``@capacity(...)``, ``@name.other_form(...)``."""
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        if name in ("bound", "capacity", "other_form"):
            return True
    return False


def reads_a_world(function: ast.FunctionDef) -> bool:
    """Whether it is a formula or a helper that computes in the world it is given: its first argument is ``math``."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    return is_declared(function) or (bool(arguments) and arguments[0].arg == "math")


def offences(source: str) -> Iterator[str]:
    """Every breach of the rules in a file, with its line."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "math":
            yield f"line {node.lineno}: import math"
        if isinstance(node, ast.Import) and "math" in [alias.name for alias in node.names]:
            yield f"line {node.lineno}: import math"
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and reads_a_world(function):
            if not function.args.args or function.args.args[0].arg != "math":
                yield f"line {function.lineno}: the first argument of {function.name} is not math"
            for statement in function.body:
                yield from _offences_in(statement)


def _offences_in(statement: ast.AST) -> Iterator[str]:
    for node in ast.walk(statement):
        line = getattr(node, "lineno", 0)
        if type(node) in FORBIDDEN_NODES:
            yield f"line {line}: {FORBIDDEN_NODES[type(node)]}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            yield f"line {line}: {node.func.id}(...), which is the world's to take"
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {line}: the float {node.value} (use math.ratio)"
        if isinstance(node, ast.Call) and ast.unparse(node).startswith("math.log(") and ast.unparse(node).endswith(" / delta)"):
            yield f"line {line}: a quotient by delta, which may overflow (use math.log_quotient)"
        if isinstance(node, ast.Name) and node.id in ("np", "numpy", "special", "scipy", "flint", "sympy", "Fraction"):
            yield f"line {line}: {node.id}, which belongs to one world"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _is_int(node.left) and _is_int(node.right):
            yield f"line {line}: a quotient of ints, which Python makes a float (use math.ratio)"


def _is_int(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_formula_computes_in_the_world_it_is_given(path: Path) -> None:
    assert list(offences(path.read_text(encoding="utf-8"))) == []


@pytest.mark.slow
def test_the_files_of_the_families_were_found() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]
    assert sum(isinstance(node, ast.FunctionDef) and is_declared(node) for tree in trees for node in ast.walk(tree)) >= len(catalogue())


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("x = 1 if n else 2", "conditional"),
        ("if n:\n    pass", "line 4: if"),
        ("x = min(n, delta)", "min"),
        ("x = 0.5 * n", "float"),
        ("x = 2 / 3 * n", "quotient"),
        ("x = n < 3", "comparison"),
        ("x = math.log(2 * n / delta)", "log_quotient"),
        ("x = np.log(n)", "np"),
        ("for i in n:\n    pass", "for"),
        ("x = [i for i in n]", "comprehension"),
        ("def inner(m):\n    return sum(m)", "sum"),
    ],
)
def test_the_lint_catches(body: str, word: str) -> None:
    source = "@bound(source=None)\ndef formula(math, *, n, delta):\n    '''Doc.'''\n" + textwrap.indent(body, "    ") + "\n    return {}\n"
    assert any(word in offence for offence in offences(source)), list(offences(source))


def test_the_lint_leaves_searches_alone_and_catches_the_import() -> None:
    assert list(offences("def _search(*, n):\n    return {'k': 0.5 if n > 1 else max(n, 2)}\n")) == []
    assert list(offences("import math\n")) == ["line 1: import math"]
    assert list(offences("from math import log\n")) == ["line 1: import math"]
    assert any("not math" in offence for offence in offences("@bound()\ndef f(*, n):\n    return {}\n"))
