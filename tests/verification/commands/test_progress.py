"""What a run says on stderr where nobody sees a bar move."""

from __future__ import annotations

import pytest

from genbounds.verification.commands.progress import EVERY, progress_lines, progress_shown
from genbounds.verification.runs.run import Progress


def test_a_log_gets_a_line_when_a_study_is_finished_and_one_in_half_a_minute_before(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    update = progress_lines(lambda: now[0])
    for seconds, done in ((0.0, 0), (10.0, 1), (EVERY, 2), (EVERY + 5, 3), (EVERY + 6, 4)):
        now[0] = seconds
        update(Progress("matrix", done, 4, seconds))
    update(Progress("depth", 3, 3, 0.0))  # all of it was there before
    captured = capsys.readouterr()
    assert captured.err.splitlines() == ["genbounds: matrix: 2 of 4 cells, 30 s", "genbounds: matrix: 4 of 4 cells, 36 s"]
    assert captured.out == ""


def test_what_a_program_reads_has_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_shown(silent=True) as progress:
        assert progress is None
    with progress_shown(silent=False) as progress:  # stderr is not a terminal here
        assert progress is not None
        progress(Progress("matrix", 0, 1, 0.0))
        progress(Progress("matrix", 1, 1, 2.0))
    assert capsys.readouterr().err == "genbounds: matrix: 1 of 1 cells, 2 s\n"
