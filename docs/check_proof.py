"""Check the proof of a certificate with whole numbers and fractions alone: nothing of genbounds is imported, nothing is computed in floats.

Run ``python check_proof.py proof.json`` on what ``genbounds cite ID --proof > proof.json`` or ``certificate.proof()`` has written: exact
inputs, a formula as a list of elementary steps, an enclosure of the value of each, and the claim. Each step is computed again, from the
enclosures of the steps that it names. Its enclosure must contain the result and be no wider than rounding needs; the claim must be the last
step, rounded up to a double. The formula that was proved is printed, and it is for you to judge whether it is the theorem of the paper.
"""

# fmt: off
import json
import re
import sys
from fractions import Fraction as F
from functools import lru_cache, partial, reduce
from itertools import accumulate
from math import comb, floor, inf, isqrt, nextafter
from pathlib import Path

KEYS = {"format", "bits", "bound", "form", "kind", "bounds_on", "inputs", "steps", "conditions", "terms", "claim", "checksum"}
SIGNS = {"add": "+", "total": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "^", "less": "<", "less_equal": "<="}
REFUSALS = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
NUMBER = re.compile(r"(-?)(?:(\d+(?:/\d+)?)|0x([0-9a-f]+)\.?([0-9a-f]*)p([+-]?\d+))", re.ASCII)
DOMAINS = {"delta": lambda x: 0 < number(x) < 1, "n": lambda x: number(x) >= 1, "kl": lambda x: number(x) >= 0}  # of inputs so named
ONE, BITS = (F(1), F(1)), 192  # that rounding keeps: 64 more than the enclosures of the proof have

def need(true, message):
    """Refuse the proof unless it is so."""
    if not true:
        raise ValueError(message)
def number(text):
    """An exact number: 12, 1/20, or hexadecimal with a power of two, such as 0x1.8p-4."""
    need(found := NUMBER.fullmatch(text), f"{text!r:.40} is not an exact number")
    sign, quotient, digits, part, exponent = found.groups("")
    return (F(quotient) if quotient else int(digits + part, 16) * F(2) ** (int(exponent) - 4 * len(part))) * (-1 if sign else 1)
def enclosure(text):
    """An interval, "low high" or one number for both; a truth or null, which says nothing; or a list of enclosures."""
    if isinstance(text, list):
        return [enclosure(entry) for entry in text]
    return tuple(map(number, (text if " " in text else f"{text} {text}").split(" "))) if isinstance(text, str) else text

# Arithmetic of intervals: pairs of fractions, None where nothing is known.
def down(x):
    """The number rounded down to BITS bits."""
    return floor(x / (unit := F(2) ** (x.numerator.bit_length() - x.denominator.bit_length() - BITS))) * unit
def times(a, b):
    """The product of two intervals, its ends rounded outward."""
    products = [x * y for x in a for y in b]
    return down(min(products)), -down(-max(products))
def plus(*terms):
    """The sum of intervals."""
    return sum(t[0] for t in terms), sum(t[1] for t in terms)
def root(x):
    """The square root: r with r^2 <= x 4^s < (r + 1)^2; for the upper end (r - 1)^2 < x 4^s <= r^2."""
    s = BITS + max(end.denominator.bit_length() for end in x)
    low, high = floor(x[0] * 4**s), -floor(-x[1] * 4**s)
    return (F(isqrt(low), 2**s), F(isqrt(high - 1) + 1 if high else 0, 2**s)) if low >= 0 else None

def series(ratio, rest, bits):
    """1 + r_1 + r_1 r_2 + ..., r_i = ratio(i, up) = (a, b) for a/b; from a term of at most rest 2^-bits on, at most rest^2 2^-bits."""
    ends = []
    for up in (0, 1):
        term, total, i = 1 << bits, 0, 1
        while term > rest * up:
            a, b = ratio(i, up)
            total, term, i = total + term, term * a // b + (up if a else 0), i + 1
        ends.append(F(total + rest**2 * up, 1 << bits))
    return tuple(ends)

@lru_cache(maxsize=1024)
def artanh(z, bits):
    """z (1 + z^2/3 + z^4/5 + ...) for |z| <= 1/3."""
    square = floor(z * z * 2**bits)
    return times((z, z), series(lambda i, up: ((square + up) * (2 * i - 1), (2 * i + 1) << bits), 2, bits))

def log(x):
    """The logarithm of x = m 2^k, m in [3/4, 3/2]: k ln 2 + 2 artanh((m - 1)/(m + 1)), where ln 2 is 2 artanh(1/3)."""
    if x[0] <= 0 or x[0] != x[1]:
        return (log((x[0], x[0]))[0], log((x[1], x[1]))[1]) if x[0] > 0 else None
    k = x[0].numerator.bit_length() - x[0].denominator.bit_length()
    k += (x[0] > F(3, 2) * F(2) ** k) - (x[0] < F(3, 4) * F(2) ** k)
    z = (x[0] - F(2) ** k) / (x[0] + F(2) ** k)
    return plus(times((F(2 * k), F(2 * k)), artanh(F(1, 3), BITS)), times((F(2), F(2)), artanh(z, BITS)))
def exp(x):
    """The exponential of x = k ln 2 + r with r in (0, 0.7): 2^k (1 + r + r^2/2 + ...)."""
    if x[0] != x[1] or x[0] == 0:
        return (exp((x[0], x[0]))[0], exp((x[1], x[1]))[1]) if x[0] != x[1] else ONE
    ln2 = [2 * end for end in artanh(F(1, 3), BITS)]
    need(abs(x[0]) < 2**30, "an exponential is too large or too small to be computed")
    k = floor(x[0] / ln2[0] - F(1, 2**20))
    r = [floor((x[0] - k * ln2[(k > 0) ^ up]) * 2**BITS) + up for up in (0, 1)]
    return times((F(2) ** k, F(2) ** k), series(lambda i, up: (r[up], i << BITS), 4, BITS))

def power(a, b):
    """A whole power by squaring; any other of a base that is not negative, as exp(b ln a)."""
    if b[0] != b[1] or b[0].denominator != 1:
        return exp(times(log(a), b)) if a[0] > 0 else (F(0), F(0)) if a == (0, 0) and b[0] > 0 else None
    if b[0] < 0:
        return POINTS["divide"](ONE, power(a, (-b[0], -b[0])))
    if b[0] % 2 == 0 and a[0] < 0:  # an even power is that of the absolute value
        a = (max(F(0), -a[1]), max(-a[0], a[1]))
    return reduce(lambda c, bit: times(times(c, c), a if bit == "1" else ONE), bin(b[0].numerator)[2:], ONE)

def whole(x):
    """The whole number that an interval is, a count."""
    need(x[0] == x[1] >= 0 and x[0].denominator == 1, "a count is not a whole number of at least 0")
    return x[0].numerator

# Inverses. Is p at least (not most: at most) all that the interval of solutions holds?
def kl(q, p):
    """q ln(q/p) + (1 - q) ln((1 - q)/(1 - p)), 0 < p < 1."""
    return plus(*(times((x, x), log((x / y, x / y))) for x, y in ((q, p), (1 - q, 1 - p)) if x))
def bennett_inverse(v, c, t, most):
    """The largest t >= 0 with v h(t/v) <= c, h(u) = (1 + u) ln(1 + u) - u."""
    v, u = v[most], t / v[most] if v[most] else F(0)
    levels = [v * ((1 + u) * end - u) for end in log((1 + u, 1 + u))] if t > 0 else (F(0), F(0))
    return t >= 0 and (levels[0] >= c[1] or v == 0) if most else t <= 0 or (v > 0 and levels[1] <= c[0])
def binomial_tail_inverse(k, n, delta, p, most):
    """The largest p with P(Bin(n, p) <= k) >= delta: the term at k, times 1 + the ratio to it of the term below + ..."""
    k, n, (a, b) = whole(k), whole(n), p.as_integer_ratio()
    if not 0 < p < 1 or k >= n:
        return p >= 1 if most else p <= 0 or (k == n and p <= 1)
    sums = series(lambda i, up: ((k + 1 - i) * (b - a), (n - k + i) * a), k, BITS)
    tail = reduce(times, [sums, (F(comb(n, k)),) * 2, power((p, p), (F(k),) * 2), power((1 - p, 1 - p), (F(n - k),) * 2)])
    return tail[1] <= delta[0] if most else tail[0] >= delta[1]

# Values: an interval, a truth or None, or a list of values; the last axis of lists of lists is that of the layers.
def depth(value):
    """How many lists stand one inside the other."""
    return 1 + depth(value[0]) if isinstance(value, list) else 0
def each(function, *values):
    """The function entry by entry; what is less deep stands for all, and so does a list of one."""
    if not (deepest := max(map(depth, values))):
        return function(*values)
    lengths = {len(v) for v in values if depth(v) == deepest} - {1} or {1}
    need(len(lengths) == 1, "lists of different lengths")
    return [each(function, *[v[i * (len(v) > 1)] if depth(v) == deepest else v for v in values]) for i in range(*lengths)]
def lists(function):
    """The function of lists, applied to each list that holds no lists."""
    return lambda v: [lists(function)(w) for w in v] if depth(v) > 1 else function(v)

exact = partial(each, lambda text: (number(text),) * 2)
MOVES = {  # what only moves values about
    "last": lists(lambda v: v[-1]), "before": lists(lambda v: v[:-1]), "after": lists(lambda v: v[1:]), "rows": lists(lambda v: [v]),
    "along": lambda v: lists(lambda w: [[x] for x in w])(v) if depth(v) else v, "prepend": lambda first, v: [first, *v],
    "positions": lambda v: [(F(i + 1), F(i + 1)) for i in range(len(v[0] if depth(v) > 1 else v))],
}
FOLDS = {  # "carried" is the last v of v = (1 + step rate) v + kick, from 0
    "sum": lists(lambda v: plus(*v)), "product": lists(lambda v: reduce(times, v, ONE)),
    "largest": lists(lambda v: (max(x[0] for x in v), max(x[1] for x in v))),
    "carried": lambda steps, rates, kicks: reduce(lambda v, x: plus(times(plus(ONE, x[0]), v), x[1]),
        each(lambda *both: both, each(times, steps, rates), kicks), (F(0), F(0))),
}
INVERSES = {  # the largest p in [q, 1], and the smallest in [0, q], with kl(q, p) <= c
    "kl_inverse": lambda q, c, p, most:
        p >= 1 or (p >= q[1] >= 0 and kl(q[1], p)[0] >= c[1]) if most else p <= q[0] or (0 < p < 1 and kl(max(F(0), q[0]), p)[1] <= c[0]),
    "kl_inverse_lower": lambda q, c, p, most:
        p >= q[1] or (p > 0 and kl(min(F(1), q[1]), p)[1] <= c[0]) if most else p <= 0 or (1 > p <= q[0] and kl(q[0], p)[0] >= c[1]),
    "bennett_inverse": bennett_inverse, "binomial_tail_inverse": binomial_tail_inverse,
}
OUTSIDE = {"kl": lambda q, c: q[1] < 0 or q[0] > 1 or c[1] < 0, "bennett": lambda v, c: v[0] < 0 or c[1] < 0,
           "binomial": lambda k, n, delta: delta[0] <= 0 or delta[0] > 1}  # where an inverse is not defined
POINTS = {  # xi is the sum of n!/((n - j)! n^j); the gamma quotient, of G(x) G(x + a + b) by G(x + a) G(x + b), a product for a whole b
    "add": plus, "total": plus, "subtract": lambda a, b: (a[0] - b[1], a[1] - b[0]), "multiply": times, "power": power,
    "divide": lambda a, b: times(a, (1 / b[1], 1 / b[0])) if b[0] * b[1] > 0 else None,
    "log": log, "exp": exp, "sqrt": root, "negative": lambda a: (-a[1], -a[0]),
    "ceil": lambda a: (F(-floor(-a[0])), F(-floor(-a[1]))), "floor": lambda a: (F(floor(a[0])), F(floor(a[1]))),
    "absolute": lambda a: (max(a[0], -a[1], F(0)), max(-a[0], a[1])), "minimum": lambda *a: tuple(map(min, zip(*a, strict=True))),
    "maximum": lambda *a: tuple(map(max, zip(*a, strict=True))), "ceil_log2": lambda n: (F((whole(n) - 1).bit_length()),) * 2,
    "less": lambda a, b: a[1] < b[0] or (None if a[0] < b[1] else False),
    "less_equal": lambda a, b: a[1] <= b[0] or (None if a[0] <= b[1] else False),
    "where": lambda c, yes, no: {True: yes, False: no, None: yes and no and (min(yes[0], no[0]), max(yes[1], no[1]))}[c],
    "log_binomial_sum": lambda n, d: times(n, log((F(2), F(2)))) if whole(d) >= whole(n) else log((F(sum(accumulate(
        range(whole(d)), lambda c, i: c * (n[0].numerator - i) // (i + 1), initial=1))),) * 2),  # C(n, 0) + ... + C(n, d)
    "xi": lambda n: (lambda n: series(lambda i, up: (n + 1 - i, n), n, BITS + 2 * n.bit_length()))(whole(n)),
    "gamma_quotient": lambda x, a, b: reduce(times, ((1 + a[0] / (x[1] + i), 1 + a[1] / (x[0] + i)) for i in range(whole(b))), ONE)
        if x[0] > 0 and a[0] >= 0 else None,
}

def point(op, *values):
    """An operation of numbers, of an inverse the question that its ends must answer; nothing where an argument is not known."""
    unknown = (None in values and op != "where") or (op in INVERSES and OUTSIDE[op[:op.index("_")]](*values))
    return None if unknown else partial(INVERSES[op], *values) if op in INVERSES else POINTS[op](*values)

def holds(claim, image):
    """Whether a claimed enclosure contains the image, and is no wider than rounding needs."""
    if isinstance(claim, list) or isinstance(image, list):
        return depth(claim) == depth(image) and len(claim) == len(image) and all(map(holds, claim, image))
    if not isinstance(claim, tuple) or image is None:
        return claim is None or claim is image
    low, high, slack = *claim, max(map(abs, claim)) / 2**60
    if callable(image):  # neither end is off by seven eighths of the width
        tight = high - low <= slack or not (image((low + 7 * high) / 8, False) or image((7 * low + high) / 8, True))
        return tight and image(low, False) and image(high, True)
    return low <= image[0] <= image[1] <= high <= low + 4 * (image[1] - image[0]) + slack

def check(proof):
    """Raise one of REFUSALS unless every step holds, and the claim is the last of them, rounded up."""
    global BITS
    need(set(proof) == KEYS and proof["format"] == "genbounds proof 1", "this is not a proof, or one of another format")
    need(type(proof["bits"]) is int and 128 <= proof["bits"] <= 4096, "the precision is not a whole number of 128 to 4096 bits")
    rest = json.dumps({key: proof[key] for key in KEYS - {"checksum"}}, sort_keys=True)
    need(proof["checksum"] == hex(int.from_bytes(rest.encode(), "big") % (2**127 - 1)), "the file was changed: its checksum is another one")
    need(not {"\\", "="} & set(rest), "a name could not be told from the formula in which it is printed")
    steps, inputs, BITS, values = proof["steps"], proof["inputs"], proof["bits"] + 64, []
    for i, (step, op, of) in enumerate((step, step["op"], step["of"]) for step in steps):
        here = f"step {i}, {op} of {', '.join(map(str, of))}"
        need(step["id"] == i and set(step) - {"name"} == {"id", "op", "of", "is"} - {op in MOVES and "is"}, f"{here}: malformed")
        need(all(type(x) is str or (type(x) is int and 0 <= x < i) for x in of), f"{here}: it names what is not before it")
        given = [exact(inputs[of[0]])] if op == "input" else [exact(x) if type(x) is str else values[x] for x in of]
        need(op not in {*MOVES, *FOLDS} - {"along", "carried"} or depth(given[-1]), f"{here}: it is not of a list")
        image = given[0] if op == "input" else {**MOVES, **FOLDS}.get(op, partial(each, partial(point, op)))(*given)
        need(op in MOVES or holds(enclosure(step["is"]), image), f"{here}: its enclosure is not what the steps before it give")
        values.append(image if op in MOVES else enclosure(step["is"]))
    conditions = [i for ids in proof["conditions"].values() for i in ids]
    need(all(holds(each(lambda _: True, values[i]), values[i]) for i in conditions), "a condition on what was chosen does not hold")
    used = {x for step in steps for x in step["of"] if type(x) is int}
    need(used | set(conditions) == set(range(len(steps) - 1)), "a step is used by no other")
    need(set(inputs) == {step["of"][0] for step in steps if step["op"] == "input"}, "an input is used by no step")
    need(all(re.fullmatch(r"(?!s\d)[a-z]\w*", name, re.ASCII) and DOMAINS.get(name, lambda _: True)(inputs[name]) for name in inputs),
         "an input has no name that can be printed, or is outside its domain")
    need((steps[-1]["op"], steps[-1]["of"]) == ("total", list(proof["terms"].values())), "the last step is not the sum of the terms")
    up = float(values[-1][1])
    need(proof["claim"] == (up if F(up) >= values[-1][1] else nextafter(up, inf)).hex(), "the claim is not the last step, rounded up")

def formula(proof):
    """The formula in lines, written out from the steps; what has a name, or is used more than once, has a line of its own."""
    steps = proof["steps"]
    uses = [x for step in steps for x in step["of"] if type(x) is int]
    own = [i for i, step in enumerate(steps) if step["op"] != "input" and (uses.count(i) > 1 or "name" in step)]

    def written(x, inside=True):
        op, of = (steps[x]["op"], steps[x]["of"]) if type(x) is int else ("input", [x])
        if op == "input" or (inside and x in own):
            return of[0] if op == "input" else f"s{x}"
        return f"({f' {SIGNS[op]} '.join(map(written, of))})" if op in SIGNS else f"{op}({', '.join(map(written, of))})"

    yield from (f"  s{i}{' (' + steps[i]['name'] + ')' if 'name' in steps[i] else ''} = {written(i, False)}" for i in own)
    yield from (f"  {name} needs {written(i)}" for name, ids in proof["conditions"].items() for i in ids)
    yield from (f"  {name} = {written(i)}" for name, i in proof["terms"].items())

if __name__ == "__main__":
    for file in sys.argv[1:] or sys.exit(__doc__):
        try:
            once = lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else need(False, "a key stands there twice")  # noqa: E731
            check(found := json.loads(Path(file).read_text(encoding="utf-8"), object_pairs_hook=once))
        except REFUSALS as error:
            sys.exit(f"{file}: REFUSED: {error}")
        print(f"{found['bound']} {found['form']}: {found['kind']}, {found['bounds_on']} <= {float.fromhex(found['claim'])!r}, at")
        print(*(f"  {name} = {value!s:.200}" for name, value in found["inputs"].items()), *formula(found), sep="\n")
        print(f"  {len(found['steps'])} steps hold; the sum of the terms, rounded up, is {found['claim']}")
