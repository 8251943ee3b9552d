"""The ids of numbers."""

from __future__ import annotations

import hashlib

from genbounds.verification.runs.identifiers import row_id


def test_an_id_is_the_hash_of_cell_bound_and_quantity() -> None:
    expected = hashlib.blake2b(b'["3f1c","holdout.hoeffding","risk"]').hexdigest()[:10]
    assert row_id("3f1c", "holdout.hoeffding", "risk") == expected
    assert len({row_id("a", "b", "c"), row_id("ab", "", "c"), row_id("a", "b", "d"), row_id("b", "a", "c")}) == 4
