"""What goes wrong in formulas, as rules on syntax trees. Each rule yields every faulty copy of one function that it can make."""

from __future__ import annotations

import ast
import copy
import operator
from collections.abc import Callable, Iterator
from typing import Any

from genbounds.verification.checks.faults.members import kl_inverse_reversed

Change = tuple[str, ast.FunctionDef]
"""Where the fault is, in words, and the faulty tree."""
NATURAL = ("log", "log_quotient", "log1p")
LOGARITHMS = (*NATURAL, "log2")
PRICES = ("grid", "price", "paid", "log_inverse_prior")
"""Names under which the price of a union enters a formula."""
ORDERED = (
    "kl_inverse",
    "kl_inverse_lower",
    "log_quotient",
    "power",
    "ratio",
    "log_binomial_sum",
    "binomial_tail_inverse",
    "log_gamma_second_increment",
)
"""Members of a world whose first two arguments mean different things."""


def terms_dropped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Leave out a term of the sum that is returned, or one side of any sum inside, where that side is not a price of a union."""
    for index, node in _nodes(tree, ast.Dict):
        if len(node.values) > 1:
            for position, value in enumerate(node.values):
                yield f"without {ast.unparse(value)}", _changed(tree, index, _dropping(position))
    yield from _sides_dropped(tree, prices=False)


def unions_dropped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Leave out what a union over a class, a code or a grid adds to ln(1/delta): a side of a sum that is a logarithm or a weight."""
    yield from _sides_dropped(tree, prices=True)


def _sides_dropped(tree: ast.FunctionDef, *, prices: bool) -> Iterator[Change]:
    for index, node in _nodes(tree, ast.BinOp):
        if isinstance(node.op, ast.Add):
            for left_out, kept in (("right", "left"), ("left", "right")):
                side = getattr(node, left_out)
                if _is_price(side) == prices:
                    yield f"without {ast.unparse(side)} in {ast.unparse(node)}", _changed(tree, index, operator.attrgetter(kept))


def _is_price(side: ast.expr) -> bool:
    """Whether a side of a sum is what a union costs: a logarithm, or a weight of a grid, or an input that is called one; never delta's."""
    if isinstance(side, ast.Call) and isinstance(side.func, ast.Name):
        return side.func.id.startswith("weight_of")
    if isinstance(side, ast.Name):
        return side.id in PRICES
    named = {node.id for node in ast.walk(side) if isinstance(node, ast.Name)}
    return isinstance(side, ast.Call) and _member(side) in LOGARITHMS and "delta" not in named


def terms_halved(tree: ast.FunctionDef) -> Iterator[Change]:
    """Halve a term of the sum that is returned."""
    for index, node in _nodes(tree, ast.Dict):
        for position, value in enumerate(node.values):
            yield f"half of {ast.unparse(value)}", _changed(tree, index, _halving(position))


def base_10(tree: ast.FunctionDef) -> Iterator[Change]:
    """Take a logarithm to base 10."""
    yield from _rebased(tree, LOGARITHMS, "log10", ast.Constant(10))


def base_2(tree: ast.FunctionDef) -> Iterator[Change]:
    """Take a natural logarithm to base 2, or the other way round."""
    yield from _rebased(tree, NATURAL, "log2", ast.Constant(2))
    for index, node in _calls(tree, ("log2",)):
        yield f"ln in {ast.unparse(node)}", _changed(tree, index, lambda old: _call("log", *old.args))


def _rebased(tree: ast.FunctionDef, members: tuple[str, ...], word: str, base: ast.expr) -> Iterator[Change]:
    for index, node in _calls(tree, members):
        yield f"{word} in {ast.unparse(node)}", _changed(tree, index, lambda old: _binary(old, ast.Div(), _call("log", base)))


def roots_dropped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Forget a square root."""
    for index, node in _calls(tree, ("sqrt",)):
        yield f"no root of {ast.unparse(node.args[0])}", _changed(tree, index, lambda old: old.args[0])


def squares_dropped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Forget a square."""
    for index, node in _nodes(tree, ast.BinOp):
        if isinstance(node.op, ast.Pow) and _is_two(node.right):
            yield f"no square of {ast.unparse(node.left)}", _changed(tree, index, lambda old: old.left)
    for index, call in _calls(tree, ("power",)):
        if _is_two(call.args[1]):
            yield f"no square of {ast.unparse(call.args[0])}", _changed(tree, index, lambda old: old.args[0])


def arguments_swapped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Exchange the first two arguments of a function in which they mean different things; invert KL(p||q) where KL(q||p) is meant."""
    for index, node in _calls(tree, ORDERED):
        yield f"swapped in {ast.unparse(node)}", _changed(tree, index, _swapping)
    for index, node in _calls(tree, ("kl_inverse",)):
        yield (
            f"kl reversed in {ast.unparse(node)}",
            _changed(tree, index, lambda old: ast.Call(_name(kl_inverse_reversed.__name__), old.args, [])),
        )


def quotients_split(tree: ast.FunctionDef) -> Iterator[Change]:
    """Close the bracket of a logarithm too early: ln(x)/y where ln(x/y) is meant."""
    for index, node in _calls(tree, ("log_quotient",)):
        yield (
            f"divided outside {ast.unparse(node)}",
            _changed(tree, index, lambda old: _binary(_call("log", old.args[0]), ast.Div(), old.args[1])),
        )


def sides_exchanged(tree: ast.FunctionDef) -> Iterator[Change]:
    """Take the lower confidence limit where the upper one is meant."""
    for index, node in _calls(tree, ("kl_inverse",)):
        yield f"the lower limit of {ast.unparse(node)}", _changed(tree, index, lambda old: _call("kl_inverse_lower", *old.args))
    for index, node in _calls(tree, ("binomial_tail_inverse",)):
        yield f"the lower limit of {ast.unparse(node)}", _changed(tree, index, _lower_binomial)


def _lower_binomial(old: ast.Call) -> ast.BinOp:
    """1 less the upper limit of the successes."""
    errors, n, delta = old.args
    return _binary(ast.Constant(1), ast.Sub(), _call("binomial_tail_inverse", _binary(n, ast.Sub(), errors), n, delta))


def running_sums_dropped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Take what one layer or step adds for what all up to it add up to; add up what steps add without what grows of it."""
    for index, node in _calls(tree, ("cumulative",)):
        yield f"not cumulative in {ast.unparse(node)}", _changed(tree, index, lambda old: old.args[0])
    for index, node in _calls(tree, ("carried",)):
        yield f"no growth in {ast.unparse(node)}", _changed(tree, index, lambda old: _call("sum", old.args[-1]))


def places_dropped(tree: ast.FunctionDef) -> Iterator[Change]:
    """Forget the factor i of the i-th layer or step."""
    for index, node in _nodes(tree, ast.BinOp):
        if isinstance(node.op, ast.Mult) and isinstance(node.right, ast.Call) and _member(node.right) == "positions":
            yield f"no factor {ast.unparse(node.right)} in {ast.unparse(node)}", _changed(tree, index, operator.attrgetter("left"))


def scaled(name: str, factor: str) -> Callable[[ast.FunctionDef], Iterator[Change]]:
    """The rule that reads an input as something else, made of the inputs: ``scaled("n", "2 * n")``."""
    needed = {node.id for node in ast.walk(ast.parse(factor)) if isinstance(node, ast.Name)} - {"math"}

    def rule(tree: ast.FunctionDef) -> Iterator[Change]:
        if {name, *needed} <= {argument.arg for argument in (*tree.args.args, *tree.args.kwonlyargs)}:
            faulty = copy.deepcopy(tree)
            faulty.body.insert(0, ast.parse(f"{name} = {factor}").body[0])
            yield f"{factor} for {name}", faulty

    return rule


def _nodes(tree: ast.FunctionDef, kind: type[Any]) -> list[tuple[int, Any]]:
    """The nodes of a kind, each with its place in the walk over the tree."""
    return [(index, node) for index, node in enumerate(ast.walk(tree)) if isinstance(node, kind)]


def _calls(tree: ast.FunctionDef, members: tuple[str, ...]) -> list[tuple[int, ast.Call]]:
    """The calls of these members of the world."""
    return [(index, node) for index, node in _nodes(tree, ast.Call) if _member(node) in members]


def _member(node: ast.Call) -> str:
    """The member of the world that is called; empty for any other call."""
    function = node.func
    of_world = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "math"
    return function.attr if of_world else ""  # type: ignore[attr-defined]


def _is_two(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 2


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


def _binary(left: ast.expr, sign: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, sign, right)


def _call(member: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(_name("math"), member, ast.Load()), list(arguments), [])


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
