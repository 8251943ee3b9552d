"""The precision of flint is one number for the whole process: blocks that set it take turns, and leave it as it was."""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import pytest

from genbounds.bounds import holdout, pac_bayes, special, vc
from genbounds.bounds.special.precision import extra_precision, least_precision, precision


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads that take turns after every few operations."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def evaluations(turn: int) -> list[Any]:
    """Numbers in balls of all kinds: certificates, capacities, floats that fall back on balls."""
    step = 1 + turn % 3
    return [
        holdout.clopper_pearson(errors=7 * step, n=10**4, delta=Fraction(1, 20)).value,
        pac_bayes.seeger2002(empirical_risk=Fraction(1, 10), kl=30 * step, n=10**6, delta=Fraction(1, 100)).value,
        vc.sauer(empirical_risk=0, n=10**5, vc_dimension=11 * step, delta=Fraction(1, 20)).value,
        pac_bayes.gaussian_kl_low_rank(mean_q=[0, 1], variance_q=[0.3, 0.25 * step], factors=[[0.5, 0.1]], mean_p=[0, 0], std_p=1).value,
        pac_bayes.gaussian_kl(mean_q=[0.1, 0.2], std_q=[0.3, 0.1 * step], mean_p=[0, 0.3], std_p=[1, 1e-5]).value,
        special.binomial_tail_inverse_log(10, 10**5 * step, 700.0),
    ]


@pytest.mark.slow
def test_threads_leave_the_precision_as_it_was_and_agree_with_one_thread(impatient: None) -> None:
    alone = {turn: evaluations(turn) for turn in range(3)}
    before, wrong = flint.ctx.prec, []

    def work(first: int) -> None:
        for turn in range(first, first + 12):
            found = evaluations(turn)
            if found != alone[turn % 3]:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert flint.ctx.prec == before


def test_a_block_keeps_its_precision_while_other_threads_set_theirs(impatient: None) -> None:
    seen: set[tuple[int, int]] = set()

    def work(bits: int) -> None:
        for _ in range(300):
            with precision(bits), extra_precision(7):
                for _ in range(20):
                    seen.add((bits, flint.ctx.prec))

    threads = [threading.Thread(target=work, args=(bits,)) for bits in (60, 130, 500, 900)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {(bits, bits + 7) for bits in (60, 130, 500, 900)}


def test_blocks_nest_and_a_precision_that_was_set_meanwhile_stays() -> None:
    before = flint.ctx.prec
    with precision(100):
        with least_precision(64):
            assert flint.ctx.prec == 100
        with least_precision(164):
            assert flint.ctx.prec == 164
        with extra_precision(11):
            assert flint.ctx.prec == 111
        assert flint.ctx.prec == 100
    assert flint.ctx.prec == before
    try:
        with precision(100):
            flint.ctx.prec = 77  # as another thread might
        assert flint.ctx.prec == 77
    finally:
        flint.ctx.prec = before


def _precision_in_child(answers: Any) -> None:
    with precision(99):
        pass
    answers.put(flint.ctx.prec)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_process_forked_during_an_evaluation_of_another_thread_can_evaluate() -> None:
    context, stop, inside = multiprocessing.get_context("fork"), threading.Event(), threading.Event()
    before = flint.ctx.prec

    def evaluate() -> None:
        while not stop.is_set():
            with precision(333):
                inside.set()
                stop.wait(0.001)

    thread = threading.Thread(target=evaluate)
    thread.start()
    try:
        inside.wait(10)
        answers = context.Queue()
        child = context.Process(target=_precision_in_child, args=(answers,))
        child.start()
        assert answers.get(timeout=30) == before
        child.join(30)
        assert child.exitcode == 0
    finally:
        stop.set()
        thread.join()


def test_nothing_sets_the_precision_past_the_lock() -> None:
    root = Path(__file__).parents[3]
    for folder in ("bounds", "models", "verification"):
        for path in (root / folder).rglob("*.py"):
            if path.name != "precision.py":
                assert not re.search(r"ctx\.(workprec|extraprec|workdps|extradps|prec\s*=[^=]|dps\s*=[^=])", path.read_text()), path
