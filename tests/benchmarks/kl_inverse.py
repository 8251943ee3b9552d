"""How many kl inverses per second and core: ``kl_inverse`` compared with a vectorised bisection with scipy, in one run.

python tests/benchmarks/kl_inverse.py [--json] [--size N]
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import kl_div

from genbounds.bounds.special import kl_inverse, kl_inverse_lower

Array = NDArray[np.float64]
REPEATS = 5


def bisection(q: Array, c: Array) -> Array:
    """Return the upper end after 50 halvings of [q, 1]: what one writes with scipy alone."""
    low, high = q.copy(), np.ones_like(q)
    for _ in range(50):
        middle = 0.5 * (low + high)
        inside = kl_div(q, middle) + kl_div(1 - q, 1 - middle) <= c
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return high


def rate(function: Callable[[Array, Array], object], q: Array, c: Array, repeats: int) -> float:
    """Return inversions per second of CPU time, the best of several runs."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        function(q, c)
        best = min(best, time.process_time() - start)
    return q.size / best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", type=int, default=1_000_000)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    q, c = rng.random(arguments.size), rng.random(arguments.size)
    few = min(arguments.size, 100_000)
    fast = rate(kl_inverse, q, c, REPEATS)
    slow = rate(bisection, q[:few], c[:few], 2)
    result = {
        "inversions_per_second_per_core": round(fast),
        "lower_inversions_per_second_per_core": round(rate(kl_inverse_lower, q, c, REPEATS)),
        "scipy_bisection_per_second_per_core": round(slow),
        "ratio": round(fast / slow, 1),
        "at_least_one_million": bool(fast >= 1e6),
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name:40} {value:>14,}" for name, value in result.items()))


if __name__ == "__main__":
    main()
