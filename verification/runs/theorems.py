"""Which theorems of the catalogue a stored result rests on, and whether they are today's.

A result names them: in the certificates that it holds, or in its cell. What a theorem says is its formula with all functions of the package
that this calls, its search, its premises and its assumptions; what is said about it (docstrings, comments, sources) makes no difference.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from genbounds.bounds.formula import Formula
from genbounds.bounds.lookup import catalogue
from genbounds.verification.runs.cells import digest

_NAME = re.compile(r"\b[a-z_]+\.[a-z][a-z0-9_]*")
_PACKAGE = "genbounds.bounds"


def theorems_in(text: str) -> str:
    """A hash of what the theorems say that a text names; empty where it names none.

    >>> theorems_in('{"bound":"holdout.hoeffding"}') == theorems_in("the same holdout.hoeffding"), theorems_in('{"n":10}')
    (True, '')
    """
    return _of(frozenset(_NAME.findall(text)).intersection(_known()))


@cache
def _of(names: frozenset[str]) -> str:
    return digest({name: said_by(_known()[name]) for name in names})[:16] if names else ""


@cache
def _known() -> dict[str, Formula]:
    return {theorem.name: theorem for theorem in catalogue()}


def said_by(theorem: Formula) -> str:
    """A hash of what a theorem says.

    >>> from genbounds.bounds.holdout import bernstein, hoeffding
    >>> said_by(hoeffding) == said_by(hoeffding), said_by(hoeffding) == said_by(bernstein)
    (True, False)
    """
    declaration = theorem.declaration
    return digest(
        {
            "mode": declaration.mode,
            "bounds_on": getattr(theorem, "bounds_on", declaration.gives),
            "inputs": [f"{name} = {theorem.defaults[name]}" if name in theorem.defaults else name for name in theorem.inputs],
            "requires": [entry.rule for entry in declaration.requires],
            "form": str(declaration.form),
            "forms": {
                str(name).replace(".", "_"): {
                    "code": [_code(function) for function in (form.formula, form.choose, form.membership) if function is not None],
                    "assumes": [assumption.name for assumption in form.assumes],
                }
                for name, form in theorem.forms.items()
            },
        }
    )


def _code(function: Callable[..., Any]) -> list[str]:
    """The code of a function and of every function of the package that it calls, directly or through others."""
    found: dict[FunctionType, str] = {}
    waiting: list[Any] = [function]
    while waiting:
        one = inspect.unwrap(waiting.pop(0))
        if isinstance(one, FunctionType) and one not in found and one.__module__.startswith(_PACKAGE):
            found[one] = _text(one)
            waiting += [one.__globals__[name] for name in _names(one.__code__) if isinstance(one.__globals__.get(name), FunctionType)]
            waiting += [cell.cell_contents for cell in one.__closure__ or ()]
    return sorted(found.values())


def _names(code: CodeType) -> list[str]:
    inner = [name for constant in code.co_consts if isinstance(constant, CodeType) for name in _names(constant)]
    return [*code.co_names, *inner]


@cache
def _text(function: FunctionType) -> str:
    """The code of a function without its docstring, decorators and comments."""
    try:
        node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):  # a lambda inside of a longer expression, say
        return f"{function.__qualname__} {function.__code__.co_code.hex()}"
    if isinstance(node, ast.FunctionDef):
        node.decorator_list = []
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(node)
