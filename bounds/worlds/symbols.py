"""The world of sympy symbols: reads a formula as LaTeX. Imported only when a formula is printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter

_LAYER, _LEVEL = sympy.Symbol("i", integer=True, positive=True), sympy.Symbol("j", integer=True, positive=True)
_RUNNING = sympy.Symbol("l", integer=True, positive=True)
_LAST = {_LAYER: sympy.Symbol("L", integer=True, positive=True), _LEVEL: sympy.Symbol("J", integer=True, positive=True)}


def _function(name: str, latex: str) -> Any:
    """An undefined function that prints as the field writes it; ``latex`` has {0}, {1}, ... for its arguments."""

    def _latex(self: Any, printer: LatexPrinter, exp: str | None = None) -> str:
        printed = [printer._print(argument) for argument in self.args]
        if (latex.startswith((r"\sum", r"\prod")) or name == "one_minus_exp") and self.args[0].is_Add:
            printed[0] = rf"\left({printed[0]}\right)"
        if name == "x_minus_log1p" and printed[0].startswith("-"):
            return rf"{printed[0]} - \ln\left(1 - {printed[0][1:].lstrip()}\right)"
        if name == "log1p" and printed[0].startswith("-"):
            return rf"\ln\left(1 - {printed[0][1:].lstrip()}\right)"
        text = latex.format(*printed)
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    return type(name, (sympy.Function,), {"_latex": _latex, "is_real": True, "is_commutative": True})


_LN = _function("ln", r"\ln\left({0}\right)")
_LOG2 = _function("log2", r"\log_2\left({0}\right)")
_EXP = _function("exp_", r"\exp\left({0}\right)")
_LOG1P = _function("log1p", r"\ln\left(1 + {0}\right)")
_EXPM1 = _function("expm1", r"e^{{{0}}} - 1")
_ONE_MINUS_EXP = _function("one_minus_exp", r"1 - e^{{-{0}}}")
_CEIL = _function("ceil", r"\left\lceil {0} \right\rceil")
_FLOOR = _function("floor", r"\left\lfloor {0} \right\rfloor")
_ABSOLUTE = _function("absolute", r"\left|{0}\right|")
_MINIMUM = _function("minimum", r"\min\left\{{{0},\, {1}\right\}}")
_MAXIMUM = _function("maximum", r"\max\left\{{{0},\, {1}\right\}}")
_LARGEST = _function("largest", r"\max_{{i}} {0}")
_SMALLEST = _function("smallest", r"\min_{{i}} \left\{{{0}\right\}}")
_SUM = _function("sum_", r"\sum_{{{1}=1}}^{{{2}}} {0}")
_PROD = _function("prod_", r"\prod_{{{1}=1}}^{{{2}}} {0}")
_PROD_AFTER = _function("prod_after", r"\prod_{{{1}={2}+1}}^{{{3}}} {0}")
_CASES = _function("cases", r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{otherwise}} \end{{cases}}")
_LESS = _function("less", r"{0} < {1}")
_LESS_EQUAL = _function("less_equal", r"{0} \le {1}")
_KL_INVERSE = _function("kl_inverse", r"\mathrm{{kl}}^{{-1}}\left({0},\, {1}\right)")
_KL_INVERSE_LOWER = _function("kl_inverse_lower", r"\mathrm{{kl}}^{{-1}}_{{-}}\left({0},\, {1}\right)")
_BENNETT_INVERSE = _function(
    "bennett_inverse",
    r"\max\left\{{t : {0} \left[\left(1 + \tfrac{{t}}{{{0}}}\right) \ln\left(1 + \tfrac{{t}}{{{0}}}\right) "
    r"- \tfrac{{t}}{{{0}}}\right] \le {1}\right\}}",
)
_BINOMIAL_TAIL_INVERSE = _function("binomial_tail_inverse", r"\overline{{\mathrm{{Bin}}}}^{{-1}}\left({0};\, {1},\, {2}\right)")
_BINOMIAL_TAIL_INVERSE_LOG = _function(
    "binomial_tail_inverse_log", r"\overline{{\mathrm{{Bin}}}}^{{-1}}\left({0};\, {1},\, e^{{-\left({2}\right)}}\right)"
)
_CHANGE_OF_COMPRESSION_INVERSE = _function(
    "change_of_compression_inverse", r"\max\left\{{\varepsilon : \Psi_{{{0},\, {2}}}(\varepsilon) \le 1\right\}}"
)
_MIXTURE_INVERSE = _function(
    "mixture_inverse",
    r"\max\left\{{p : \Pr\left[\mathrm{{Bin}}({1} + 1,\, p) > {0}\right] \le \frac{{({1} + 1)\, p}}{{{2}}} "
    r"\binom{{{1}}}{{{0}}} p^{{{0}}} (1 - p)^{{{1} - {0}}}\right\}}",
)
_CAPITAL_INVERSE = _function(
    "capital_inverse",
    r"\inf\left\{{m : \max_{{t}} \sum_{{i=1}}^{{t}} \ln\left(1 + \min\left\{{{1},\, \tfrac{{3}}{{4 (1 - m)}}\right\}} "
    r"\left(m - {0}\right)\right) \ge {2}\right\}}",
)
_LOG_BINOMIAL_SUM = _function("log_binomial_sum", r"\ln \sum_{{k=0}}^{{{1}}} \binom{{{0}}}{{k}}")
_CEIL_LOG2 = _function("ceil_log2", r"\left\lceil \log_2 {0} \right\rceil")
_XI = _function("xi", r"\xi\left({0}\right)")
_RELATIVE = _function("x_minus_log1p", r"{0} - \ln\left(1 + {0}\right)")
_LOG_GAMMA_SECOND_INCREMENT = _function(
    "log_gamma_second_increment",
    r"\ln \frac{{\Gamma\left({0}\right) \Gamma\left({1}\right)}}{{\Gamma\left({2}\right) \Gamma\left({3}\right)}}",
)
_LAST_CROSSING = _function("last_crossing", r"\max\left\{{m \in \mathbb{{N}} : {0} \ge 0\right\}}")


def _free_indices(expression: Any) -> set[Any]:
    """The indices of an expression that no sum, product or maximum inside it has used up."""
    if isinstance(expression, sympy.Symbol):
        return {expression} & set(_LAST)
    inner = set().union(*(_free_indices(argument) for argument in expression.args)) if expression.args else set()
    if isinstance(expression, (_SUM, _PROD)):
        return (_free_indices(expression.args[0]) - {expression.args[1]}) | _free_indices(expression.args[2])
    return inner - {_LAYER} if isinstance(expression, (_LARGEST, _SMALLEST)) else inner


def _index_of(expression: Any) -> sympy.Symbol:
    """The index a reduction runs over: the layer if the expression has one, else the level of the chain."""
    return _LAYER if _LAYER in _free_indices(expression) else _LEVEL


def _summands(expression: Any) -> list[Any]:
    """The terms of a sum whose terms may be sums; anything else is its own single term."""
    return [inner for term in expression.args for inner in _summands(term)] if expression.is_Add else [expression]


def _product(exponent: Any, logarithm: Any) -> Any:
    """What exp makes of sums of logarithms over the layers, a product (formulas compute it in logarithms); None for anything else."""
    factors = sympy.Integer(1)
    for term in _summands(exponent):
        if not (isinstance(term, _SUM) and term.args[1] == _LAYER and isinstance(term.args[0], logarithm)):
            return None
        (factor,) = term.args[0].args
        factor = factor if logarithm is _LN else 1 + factor
        factors = factor if factors == 1 else factors * factor
    return _PROD(factors.xreplace({_LAYER: _RUNNING}), _RUNNING, _LAST[_LAYER])


class SymbolWorld:
    """sympy's reading of one formula: a vector input is an Indexed, sums stay unevaluated, and ``let`` names sub-expressions."""

    pi = sympy.pi
    log: Callable[..., Any] = staticmethod(_LN)
    log_quotient: Callable[..., Any] = staticmethod(lambda x, y: _LN(x / y))
    log2: Callable[..., Any] = staticmethod(_LOG2)
    log1p: Callable[..., Any] = staticmethod(_LOG1P)
    exp: Callable[..., Any] = staticmethod(lambda x: sympy.E if x == 1 else _product(x, _LN) or _EXP(x))
    expm1: Callable[..., Any] = staticmethod(lambda x: sympy.Add(_product(x, _LOG1P), -1) if _product(x, _LOG1P) else _EXPM1(x))
    one_minus_exp: Callable[..., Any] = staticmethod(_ONE_MINUS_EXP)
    sqrt: Callable[..., Any] = staticmethod(sympy.sqrt)
    power: Callable[..., Any] = staticmethod(sympy.Pow)
    ceil: Callable[..., Any] = staticmethod(_CEIL)
    floor: Callable[..., Any] = staticmethod(_FLOOR)
    absolute: Callable[..., Any] = staticmethod(_ABSOLUTE)
    minimum: Callable[..., Any] = staticmethod(_MINIMUM)
    maximum: Callable[..., Any] = staticmethod(_MAXIMUM)
    less: Callable[..., Any] = staticmethod(_LESS)
    less_equal: Callable[..., Any] = staticmethod(_LESS_EQUAL)
    where: Callable[..., Any] = staticmethod(_CASES)
    kl_inverse: Callable[..., Any] = staticmethod(_KL_INVERSE)
    kl_inverse_lower: Callable[..., Any] = staticmethod(_KL_INVERSE_LOWER)
    bennett_inverse: Callable[..., Any] = staticmethod(_BENNETT_INVERSE)
    binomial_tail_inverse: Callable[..., Any] = staticmethod(_BINOMIAL_TAIL_INVERSE)
    binomial_tail_inverse_log: Callable[..., Any] = staticmethod(_BINOMIAL_TAIL_INVERSE_LOG)
    change_of_compression_inverse: Callable[..., Any] = staticmethod(_CHANGE_OF_COMPRESSION_INVERSE)
    mixture_inverse: Callable[..., Any] = staticmethod(_MIXTURE_INVERSE)
    capital_inverse: Callable[..., Any] = staticmethod(_CAPITAL_INVERSE)
    log_binomial_sum: Callable[..., Any] = staticmethod(_LOG_BINOMIAL_SUM)
    ceil_log2: Callable[..., Any] = staticmethod(_CEIL_LOG2)
    xi: Callable[..., Any] = staticmethod(_XI)
    x_minus_log1p: Callable[..., Any] = staticmethod(lambda x: x - x.args[0] if isinstance(x, _EXPM1) else _RELATIVE(x))
    log_gamma_second_increment: Callable[..., Any] = staticmethod(lambda x, a, b: _LOG_GAMMA_SECOND_INCREMENT(x, x + a + b, x + a, x + b))
    largest: Callable[..., Any] = staticmethod(_LARGEST)
    smallest: Callable[..., Any] = staticmethod(_SMALLEST)

    def __init__(self) -> None:
        """A reading starts without definitions."""
        self.definitions: list[tuple[Any, Any]] = []

    def let(self, latex: str, expression: Any) -> Any:
        """Name a sub-expression: the formula shows the name, and the definition is printed after it."""
        expression = sympy.sympify(expression)
        indices = tuple(index for index in (_LEVEL, _LAYER) if index in _free_indices(expression))
        name = sympy.IndexedBase(latex)[indices] if indices else sympy.Symbol(latex, positive=True)
        self.definitions.append((name, expression))
        return name

    @staticmethod
    def lift(value: Any) -> Any:
        """A number as sympy's."""
        return sympy.sympify(value)

    @staticmethod
    def ratio(p: int, q: int) -> Any:
        """The rational p/q."""
        return sympy.Rational(p, q)

    @staticmethod
    def sum(vector: Any) -> Any:
        """A sum over the inner index."""
        index = _index_of(vector)
        return _SUM(vector, index, _LAST[index])

    @staticmethod
    def prod(vector: Any) -> Any:
        """A product over the inner index."""
        index = _index_of(vector)
        return _PROD(vector, index, _LAST[index])

    @staticmethod
    def cumulative(vector: Any) -> Any:
        """A sum up to the layer."""
        return _SUM(vector.xreplace({_LAYER: _RUNNING}), _RUNNING, _LAYER)

    @staticmethod
    def carried(steps: Any, rates: Any, kicks: Any) -> Any:
        """The sum over the steps of what each kick has become: times the factors after it."""
        later = _PROD_AFTER((1 + steps * rates).xreplace({_LAYER: _RUNNING}), _RUNNING, _LAYER, _LAST[_LAYER])
        return _SUM(kicks * later, _LAYER, _LAST[_LAYER])

    @staticmethod
    def positions(vector: Any) -> Any:
        """The index itself."""
        return _index_of(vector)

    @staticmethod
    def last(vector: Any) -> Any:
        """The entry with the last index."""
        index = _index_of(vector)
        return vector.xreplace({index: _LAST[index]})

    @staticmethod
    def with_last(vector: Any, scalar: Any) -> Any:
        """The vector, whose last entry is now the scalar; the docstring of the formula says so."""
        return vector

    @staticmethod
    def last_crossing(function: Any, guess: Any) -> Any:
        """The set whose maximum is meant."""
        return _LAST_CROSSING(function(sympy.Symbol("m", positive=True)))

    @staticmethod
    def along(scalar: Any) -> Any:
        """The scalar itself: indices keep symbols apart."""
        return scalar

    @staticmethod
    def rows(vector: Any) -> Any:
        """The vector itself: indices keep symbols apart."""
        return vector

    @staticmethod
    def before(vector: Any) -> Any:
        """The entry before entry i."""
        index = _index_of(vector)
        return vector.xreplace({index: index - 1})

    @staticmethod
    def after(vector: Any) -> Any:
        """Entry i."""
        return vector

    @staticmethod
    def prepend(scalar: Any, vector: Any) -> Any:
        """The vector, whose entry 0 is now the scalar; the docstring of the bound says so."""
        return vector


_DIFFERENCES = (_EXPM1, _ONE_MINUS_EXP, _RELATIVE)


class _Printer(LatexPrinter):  # type: ignore[misc]
    """LaTeX with plain indices, with sums in brackets where another factor follows and only there."""

    def _print_Indexed(self, expr: Any) -> str:
        return f"{self._print(expr.base.label)}_{{{','.join(self._print(index) for index in expr.indices)}}}"

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        text = ""
        for term in _summands(expr):
            printed = self._print(term)
            text += printed if not text else f" - {printed[1:].lstrip()}" if printed.startswith("-") else f" + {printed}"
        return text

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        final = expr
        while final.is_Mul:  # products are left as they were written, one inside the other
            final = final.args[-1]
        if isinstance(expr, _DIFFERENCES) or (isinstance(final, (_SUM, _PROD)) and not last):
            return True
        return bool(super()._needs_mul_brackets(expr, first=first, last=last))


def symbol(latex: str, *, vector: bool = False, matrix: bool = False) -> Any:
    """A positive symbol that prints as ``latex``; a vector's is indexed by the layer, a matrix's by level and layer."""
    if matrix:
        return sympy.IndexedBase(sympy.Symbol(latex, positive=True))[_LEVEL, _LAYER]
    if vector:
        return sympy.IndexedBase(sympy.Symbol(latex, positive=True))[_LAYER]
    return sympy.Symbol(latex, positive=True)


def to_latex(expression: Any) -> str:
    """The LaTeX of an expression, in the order in which it was written."""
    with sympy.evaluate(True):  # sympy's questions about signs can fail on what they build while nothing is evaluated
        return str(_Printer({"order": "none"}).doprint(expression))
