"""The registry of studies."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from genbounds.verification.studies import ON_REQUEST, default_studies, get, names
from genbounds.verification.studies.networks import Networks


def test_every_study_is_found_under_its_own_name_and_can_be_sent_to_a_worker() -> None:
    studies = [*default_studies(), *map(get, ON_REQUEST)]
    assert [study.name for study in studies] == [*names(), *ON_REQUEST]
    assert all(type(pickle.loads(pickle.dumps(study))) is type(study) for study in studies)
    assert all(study.description.endswith(".") and study.revision >= 1 for study in studies)


def test_full_studies_have_more_cells() -> None:
    for name in ("networks", "scale", "pac_bayes"):
        quick, full = (get(name, full).cells() for full in (False, True))
        assert len(full) > len(quick)
        assert set(map(repr, quick)) <= set(map(repr, full))  # a full run takes over what a quick one found


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"study must be one of matrix, networks, scale.*got 'network'"):
        get("network")


@pytest.mark.slow
def test_the_names_cost_no_import_of_torch() -> None:
    code = "import sys, genbounds.verification.studies as s; print(len(s.names())); sys.exit('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (found.returncode, found.stdout.strip()) == (0, str(len(names()))), found.stderr


def test_get_returns_the_class_of_the_table() -> None:
    assert isinstance(get("networks"), Networks)
