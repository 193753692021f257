"""Labs and submissions cross to the examiner as plain data, unchanged."""

import pytest

from autograder.candidate import wire
from autograder.course import Lab
from autograder.record import Finding
from autograder.submission import Submission
from autograder.transport import lab_from_plain, submission_from_plain, to_plain

SUBMISSIONS = {
    "whole": Submission("lab", "ann", b"{}", (Finding("crashed", "it"),), "ab", "now"),
    "without a notebook": Submission("lab", "bob", None),
    "no text at all": Submission("lab", "zoë \ud800", b"\xff\0"),
}


def test_a_lab_crosses(toy: Lab) -> None:
    received = lab_from_plain(wire.decode(wire.encode(to_plain(toy))))
    assert received == toy
    assert received.tests == toy.tests and hash(received.cells) == hash(toy.cells)


@pytest.mark.parametrize("case", SUBMISSIONS)
def test_a_submission_crosses(case: str) -> None:
    sent = wire.encode({"submission": to_plain(SUBMISSIONS[case])})
    assert submission_from_plain(wire.decode(sent)) == SUBMISSIONS[case]


def test_half_a_lab_is_refused(toy: Lab) -> None:
    plain = to_plain(toy)
    del plain["cells"]
    with pytest.raises(KeyError, match="cells"):
        lab_from_plain(plain)


def test_a_submission_with_another_field_is_refused() -> None:
    plain = {**to_plain(SUBMISSIONS["whole"]), "score": 20}
    with pytest.raises(TypeError, match="unexpected keyword argument 'score'"):
        submission_from_plain({"submission": plain})
