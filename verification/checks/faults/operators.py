"""What goes wrong in formulas, as rules on syntax trees. Each rule yields every faulty copy of one function that it can make."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

Change = tuple[str, ast.FunctionDef]
"""Where the fault is, in words, and the faulty tree."""
LOGARITHMS = ("log", "log_quotient", "log1p", "log2")
ORDERED = ("kl_inverse", "kl_inverse_lower", "log_quotient", "power", "log_binomial_sum", "binomial_tail_inverse", "log_gamma_increment")
"""Members of a world whose first two arguments mean different things."""


def terms_dropped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Leave out a term of the sum that is returned, or one side of any sum or difference inside."""
    for index, node in _nodes(tree, ast.Dict):
        if len(node.values) > 1:
            for position, value in enumerate(node.values):
                yield f"without {ast.unparse(value)}", _changed(tree, index, _dropping(position))
    for index, node in _nodes(tree, ast.BinOp):
        if isinstance(node.op, ast.Add):
            yield f"without {ast.unparse(node.right)}", _changed(tree, index, lambda old: old.left)
            yield f"without {ast.unparse(node.left)}", _changed(tree, index, lambda old: old.right)


def terms_halved(tree: ast.FunctionDef) -> Iterator[Change]:
    """Halve a term of the sum that is returned."""
    for index, node in _nodes(tree, ast.Dict):
        for position, value in enumerate(node.values):
            yield f"half of {ast.unparse(value)}", _changed(tree, index, _halving(position))


def wrong_logarithms(tree: ast.FunctionDef) -> Iterator[Change]:
    """Take a logarithm to base 10."""
    for index, node in _calls(tree, LOGARITHMS):
        yield f"log10 in {ast.unparse(node)}", _changed(tree, index, lambda old: _binary(old, ast.Div(), _call("log", ast.Constant(10))))


def roots_dropped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Forget a square root."""
    for index, node in _calls(tree, ("sqrt",)):
        yield f"no root of {ast.unparse(node.args[0])}", _changed(tree, index, lambda old: old.args[0])


def arguments_swapped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Exchange the first two arguments of a function in which they mean different things."""
    for index, node in _calls(tree, ORDERED):
        yield f"swapped in {ast.unparse(node)}", _changed(tree, index, _swapping)


def scaled(name: str, factor: str) -> Callable[[ast.FunctionDef], Iterator[Change]]:
    """The rule that reads an input as a multiple of itself: ``scaled("n", "2 * n")``."""

    def rule(tree: ast.FunctionDef) -> Iterator[Change]:
        if name in [argument.arg for argument in (*tree.args.args, *tree.args.kwonlyargs)]:
            faulty = copy.deepcopy(tree)
            faulty.body.insert(0, ast.parse(f"{name} = {factor}").body[0])
            yield f"{factor} for {name}", faulty

    return rule


def _nodes(tree: ast.FunctionDef, kind: type[Any]) -> list[tuple[int, Any]]:
    """The nodes of a kind, each with its place in the walk over the tree."""
    return [(index, node) for index, node in enumerate(ast.walk(tree)) if isinstance(node, kind)]


def _calls(tree: ast.FunctionDef, members: tuple[str, ...]) -> list[tuple[int, ast.Call]]:
    """The calls of these members of the world."""
    return [
        (index, node)
        for index, node in _nodes(tree, ast.Call)
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "math"
        if node.func.attr in members
    ]


def _changed(tree: ast.FunctionDef, index: int, change: Callable[[Any], ast.AST]) -> ast.FunctionDef:
    """A copy of the tree with the node at this place of the walk changed."""
    faulty = copy.deepcopy(tree)
    target = list(ast.walk(faulty))[index]
    replacement = change(target)

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return replacement if node is target else self.generic_visit(node)

    return Replace().visit(faulty)  # type: ignore[no-any-return]


def _dropping(position: int) -> Callable[[ast.Dict], ast.Dict]:
    return lambda old: ast.Dict(old.keys[:position] + old.keys[position + 1 :], old.values[:position] + old.values[position + 1 :])


def _halving(position: int) -> Callable[[ast.Dict], ast.Dict]:
    def halve(old: ast.Dict) -> ast.Dict:
        values = list(old.values)
        values[position] = _binary(values[position], ast.Div(), ast.Constant(2))
        return ast.Dict(old.keys, values)

    return halve


def _swapping(old: ast.Call) -> ast.Call:
    return ast.Call(old.func, [old.args[1], old.args[0], *old.args[2:]], old.keywords)


def _binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, operator, right)


def _call(member: str, argument: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("math", ast.Load()), member, ast.Load()), [argument], [])
