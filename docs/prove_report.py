"""Prove every certificate of a report, check each proof with ``check_proof.py``, and print the share that was proved, by family.

python docs/prove_report.py report/report.json
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genbounds.bounds.proof import written
from genbounds.verification.report.read import read_of_today
from genbounds.verification.rows.report import Report


def checker() -> Any:
    """The script that checks a proof, as a module."""
    spec = importlib.util.spec_from_file_location("check_proof", Path(__file__).with_name("check_proof.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prove(report: Report, left_out: Sequence[str] = ()) -> tuple[Counter[str], Counter[str], list[str], dict[str, float]]:
    """Certificates and checked proofs by family, why the others have none, and the processor seconds and characters of all proofs.

    ``left_out`` says which certificates are of an older catalogue; they are not counted.
    """
    script, made, proved, missing = checker(), Counter[str](), Counter[str](), list(left_out)
    spent = {"proving": 0.0, "checking": 0.0, "characters": 0.0}
    for row in report.bounds:
        certificate = row.certificate
        family = certificate.bound.split(".")[0]
        made[family] += 1
        begun = time.process_time()
        try:
            text = written(certificate.proof())
            done = time.process_time()
            script.check(json.loads(text))
        except script.REFUSALS as error:
            missing.append(f"{row.id}: {error}")
            continue
        proved[family] += 1
        spent["proving"] += done - begun
        spent["checking"] += time.process_time() - done
        spent["characters"] += len(text)
    return made, proved, missing, spent


if __name__ == "__main__":
    made, proved, missing, spent = prove(*read_of_today(sys.argv[1]))
    print("| family | certificates | proved and checked |\n|---|---|---|")
    print("\n".join(f"| {family} | {count} | {proved[family]} |" for family, count in made.items()))
    print(f"proving {spent['proving']:.1f} s, checking {spent['checking']:.1f} s of processor time; {spent['characters'] / 1000:.0f} kB")
    print("\n".join(missing), end="\n" if missing else "")
