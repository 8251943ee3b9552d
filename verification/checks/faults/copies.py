"""Copies of a formula in which one syntax tree, its own or that of a helper that it calls, is replaced by another."""

from __future__ import annotations
import __future__

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import CodeType, FunctionType
from typing import Any, TypeVar

from genbounds.bounds.theorem import Bound, Capacity
from genbounds.verification.checks.faults.members import MISREAD

Formula = Callable[..., Any]


Theorem = TypeVar("Theorem", Bound, Capacity)


def with_formula(bound: Theorem, formula: Formula) -> Theorem:
    """The same theorem, outside the catalogue, with another formula as its default form.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> altered = with_formula(hoeffding, lambda math, *, empirical_risk, n, delta: {"risk": empirical_risk})
    >>> altered.value(empirical_risk=0.5, n=1, delta=0.1)
    0.5
    """
    altered = object.__new__(type(bound))  # copy.copy gives the bound itself, by its name in the catalogue
    altered.__dict__.update(bound.__dict__)
    form = bound.declaration.form
    altered.forms = {**bound.forms, form: replace(bound.forms[form], formula=formula)}
    return altered


@dataclass(frozen=True)
class Part:
    """A function of the formula: the formula itself, or a helper that computes in the world it is given, with its syntax tree."""

    function: FunctionType
    tree: ast.FunctionDef
    code: CodeType

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.function.__name__


@cache
def parts(formula: FunctionType) -> tuple[Part, ...]:
    """The formula and every helper that it calls with its world, directly or through others; the formula comes first.

    >>> from genbounds.bounds.rademacher import uniform_deviation
    >>> [part.name for part in parts(uniform_deviation.__wrapped__)]
    ['uniform_deviation', 'uniform_confidence']
    """
    found: dict[FunctionType, Part] = {}
    waiting = [formula]
    while waiting:
        function = waiting.pop(0)
        if function in found:
            continue
        tree = _tree(function)
        found[function] = Part(function, tree, _compiled(function.__name__, tree))
        waiting += list(_called(found[function]))
    return tuple(found.values())


def _tree(function: FunctionType) -> ast.FunctionDef:
    """The syntax tree of a function, without decorators and docstring."""
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise ValueError(f"formula must be a function written with def, got {function.__qualname__}: a lambda has no body to change")
    node.decorator_list = []
    if ast.get_docstring(node) is not None and len(node.body) > 1:
        node.body = node.body[1:]
    return node


def _compiled(name: str, tree: ast.FunctionDef) -> CodeType:
    """The code that defines a function of this tree; annotations stay text, as in the module that it comes from."""
    module = ast.fix_missing_locations(ast.Module([tree], []))
    code: CodeType = compile(module, f"<copy of {name}>", "exec", __future__.annotations.compiler_flag)
    return code


def _called(part: Part) -> Iterator[FunctionType]:
    """The functions that a part hands its world to."""
    names = _names_of(part.function)
    for node in ast.walk(part.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args and _is_world(node.args[0]):
            function = names.get(node.func.id)
            if isinstance(function, FunctionType) and next(iter(inspect.signature(function).parameters), "") == "math":
                yield function


def _is_world(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Name) and argument.id == "math"


def _names_of(function: FunctionType) -> dict[str, Any]:
    """What the names in a function's body stand for: its module's, those it closes over, and members of the world that a fault misreads."""
    closed = dict(zip(function.__code__.co_freevars, (cell.cell_contents for cell in function.__closure__ or ()), strict=True))
    return {**function.__globals__, **MISREAD, **closed}


def replaced(formula: FunctionType, part: Part, tree: ast.FunctionDef) -> Formula:
    """The formula with the tree of one part replaced; the catalogue's own functions stay as they are."""
    every = parts(formula)
    spaces = {entry.function: _names_of(entry.function) for entry in every}
    copies: dict[FunctionType, Any] = {}
    for entry in every:
        space = spaces[entry.function]
        exec(_compiled(entry.name, tree) if entry is part else entry.code, space)
        copies[entry.function] = space[entry.tree.name]
    for space in spaces.values():
        for name, value in list(space.items()):
            if isinstance(value, FunctionType) and value in copies:
                space[name] = copies[value]
    result: Formula = copies[formula]
    return result
