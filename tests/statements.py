"""The statements of a Python source, without their expressions, which are nine tenths of its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """The tree, and every statement in it (and handler or case that holds some), at any depth.

    >>> [type(node).__name__ for node in statements(ast.parse("def f(x):\\n    if x:\\n        import math\\n"))]
    ['Module', 'FunctionDef', 'If', 'Import']
    """
    yield tree
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        held = getattr(tree, field, None)
        for node in held if isinstance(held, list) else []:
            yield from statements(node)
