"""The world of sympy symbols: reads a formula as LaTeX. Imported only when a formula is printed."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter

_LAYER, _LEVEL = sympy.Symbol("i", integer=True, positive=True), sympy.Symbol("j", integer=True, positive=True)
_LAST = {_LAYER: sympy.Symbol("L", integer=True, positive=True), _LEVEL: sympy.Symbol("J", integer=True, positive=True)}


def _special(name: str, latex: str) -> type[sympy.Function]:
    """An undefined function that prints as the field writes it; ``latex`` has {0}, {1}, ... for its arguments."""

    def _latex(self: Any, printer: LatexPrinter, exp: str | None = None) -> str:
        text = latex.format(*(printer._print(argument) for argument in self.args))
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    return type(name, (sympy.Function,), {"_latex": _latex, "is_real": True, "is_positive": None})


_KL_INVERSE = _special("kl_inverse", r"\mathrm{{kl}}^{{-1}}\left({0},\, {1}\right)")
_KL_INVERSE_LOWER = _special("kl_inverse_lower", r"\mathrm{{kl}}^{{-1}}_{{-}}\left({0},\, {1}\right)")
_BINOMIAL_TAIL_INVERSE = _special("binomial_tail_inverse", r"\overline{{\mathrm{{Bin}}}}^{{-1}}\left({0};\, {1},\, {2}\right)")
_LOG_BINOMIAL_SUM = _special("log_binomial_sum", r"\ln \sum_{{i=0}}^{{{1}}} \binom{{{0}}}{{i}}")
_XI = _special("xi", r"\xi\left({0}\right)")
_RELATIVE = _special("x_minus_log1p", r"\left({0} - \ln\left(1 + {0}\right)\right)")
_LOG_GAMMA_INCREMENT = _special("log_gamma_increment", r"\ln \frac{{\Gamma\left({0} + {1}\right)}}{{\Gamma\left({0}\right)}}")
_LAST_CROSSING = _special("last_crossing", r"\max\left\{{m \in \mathbb{{N}} : {0} \ge 0\right\}}")
_LARGEST = _special("largest", r"\max_{{i}} {0}")
_CEIL = _special("ceil", r"\left\lceil {0} \right\rceil")
_EXPM1 = _special("expm1", r"\left(e^{{{0}}} - 1\right)")
_LOG1P = _special("log1p", r"\ln\left(1 + {0}\right)")


def _inner_index(expression: Any) -> sympy.Symbol:
    """The index a reduction runs over: the layer if the expression has one, else the level of the chain."""
    return _LAYER if _LAYER in expression.free_symbols else _LEVEL


class SymbolWorld:
    """sympy's reading of a formula: a vector input is an Indexed, and sums and products over it stay unevaluated."""

    pi = sympy.pi
    log = staticmethod(lambda x: sympy.log(x, evaluate=not _is_number(x)))
    log1p = staticmethod(_LOG1P)
    exp = staticmethod(sympy.exp)
    expm1 = staticmethod(_EXPM1)
    sqrt = staticmethod(sympy.sqrt)
    power = staticmethod(sympy.Pow)
    ceil = staticmethod(_CEIL)
    absolute = staticmethod(sympy.Abs)
    minimum = staticmethod(lambda a, b: sympy.Min(a, b, evaluate=False))
    maximum = staticmethod(lambda a, b: sympy.Max(a, b, evaluate=False))
    less = staticmethod(lambda a, b: sympy.Lt(a, b, evaluate=False))
    less_equal = staticmethod(lambda a, b: sympy.Le(a, b, evaluate=False))
    kl_inverse = staticmethod(_KL_INVERSE)
    kl_inverse_lower = staticmethod(_KL_INVERSE_LOWER)
    binomial_tail_inverse = staticmethod(_BINOMIAL_TAIL_INVERSE)
    log_binomial_sum = staticmethod(_LOG_BINOMIAL_SUM)
    xi = staticmethod(_XI)
    x_minus_log1p = staticmethod(_RELATIVE)
    log_gamma_increment = staticmethod(_LOG_GAMMA_INCREMENT)

    @staticmethod
    def lift(value: Any) -> Any:
        """A number as sympy's."""
        return sympy.sympify(value)

    @staticmethod
    def ratio(p: int, q: int) -> Any:
        """The rational p/q."""
        return sympy.Rational(p, q)

    @staticmethod
    def where(condition: Any, yes: Any, no: Any) -> Any:
        """A case distinction."""
        return sympy.Piecewise((yes, condition), (no, True), evaluate=False)

    @staticmethod
    def sum(vector: Any) -> Any:
        """An unevaluated sum over the inner index."""
        index = _inner_index(vector)
        with sympy.evaluate(True):  # else sympy writes a factor 1 in front of the summand
            return sympy.Sum(vector, (index, 1, _LAST[index]))

    @staticmethod
    def prod(vector: Any) -> Any:
        """An unevaluated product over the inner index."""
        index = _inner_index(vector)
        with sympy.evaluate(True):
            return sympy.Product(vector, (index, 1, _LAST[index]))

    @staticmethod
    def largest(vector: Any) -> Any:
        """The largest entry."""
        return _LARGEST(vector)

    @staticmethod
    def cumulative(vector: Any) -> Any:
        """An unevaluated sum up to the layer."""
        running = sympy.Symbol("l", integer=True, positive=True)
        with sympy.evaluate(True):
            return sympy.Sum(vector.subs(_LAYER, running), (running, 1, _LAYER))

    @staticmethod
    def positions(vector: Any) -> Any:
        """The index itself."""
        return _inner_index(vector)

    @staticmethod
    def last(vector: Any) -> Any:
        """The entry with the last index."""
        index = _inner_index(vector)
        return vector.subs(index, _LAST[index])

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
        """A vector over the layers set beside the levels of a chain: one new axis before the last (symbols keep their indices)."""
        return vector

    @staticmethod
    def before(vector: Any) -> Any:
        """The entry before entry i."""
        index = _inner_index(vector)
        return vector.subs(index, index - 1)

    @staticmethod
    def after(vector: Any) -> Any:
        """Entry i."""
        return vector

    @staticmethod
    def prepend(scalar: Any, vector: Any) -> Any:
        """The vector, whose entry 0 is now the scalar; the docstring of the bound says so."""
        return vector


def _is_number(x: Any) -> bool:
    return bool(getattr(x, "is_number", True))


class _Printer(LatexPrinter):
    """LaTeX with ln, sums in the order they were written, and fractions under roots kept."""

    def _print_log(self, expr: Any, exp: str | None = None) -> str:
        text = rf"\ln {self.parenthesize(expr.args[0], 0) if expr.args[0].is_Atom else self._wrapped(expr.args[0])}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _wrapped(self, argument: Any) -> str:
        return rf"\left({self._print(argument)}\right)"


def symbol(latex: str, *, vector: bool = False, matrix: bool = False) -> Any:
    """A positive symbol that prints as ``latex``; a vector's is indexed by the layer, a matrix's by level and layer."""
    if matrix:
        return sympy.IndexedBase(latex, positive=True)[_LEVEL, _LAYER]
    if vector:
        return sympy.IndexedBase(latex, positive=True)[_LAYER]
    return sympy.Symbol(latex, positive=True)


def to_latex(expression: Any) -> str:
    """The LaTeX of an expression."""
    return str(_Printer({"order": "none", "fold_short_frac": False}).doprint(expression))


SYMBOLS = SymbolWorld()
