"""The class report: what its numbers are, and who is named."""

import html
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import record, report

POINTS = {
    "corr1d": {"": 1, "_one_element": 1},
    "conv1d": {"": 1, "_commutes": 1},
    "output_size": {"": 2},
    "corr2d": {"": 1, "_not_square": 1},
    "pad2d": {"": 2},
    "conv2d": {"": 2, "_stride": 2, "_dilation": 2},
    "conv_matrix": {"": 2},
    "filters": {"": 2},
}
MISTAKES = {
    "corr1d": ("flipped_kernel", "Your kernel is flipped: slide it as it is."),
    "output_size": ("ceil_for_floor", "You round up; a window must fit whole."),
    "pad2d": ("one_side", "You pad one side only; SAME pads both."),
    "conv2d": ("bias_per_tap", "You add the bias once per kernel entry."),
}


def sample_exercise(
    name: str, skill: float, chance: random.Random
) -> record.ExerciseRecord:
    tests = []
    for test, points in POINTS[name].items():
        right = chance.random() < skill
        tests.append(
            record.TestRecord(
                f"test_{name}{test}",
                points,
                points if right else 0,
                right,
                "" if right else "hidden",
                "" if right else "2 of 5 entries differ",
            )
        )
    score = sum(test.score for test in tests)
    mistake = MISTAKES.get(name)
    wrong = score == 0 and mistake is not None
    return record.ExerciseRecord(
        name,
        score,
        sum(POINTS[name].values()),
        tuple(tests),
        record.Diagnosis(*mistake) if wrong else None,
    )


def sample_class(size: int = 40) -> list[record.Result]:
    """A class with good and weak students, some findings and two reviews."""
    chance = random.Random(0)
    results = []
    for number in range(size):
        skill = chance.betavariate(3, 1.2)
        exercises = tuple(sample_exercise(name, skill, chance) for name in POINTS)
        kinds = chance.sample(
            sorted(record.FINDING_KINDS), chance.choice((0, 0, 0, 1, 2))
        )
        results.append(
            record.Result(
                lab="lab01_convolution",
                student=f"student{number:03}",
                score=sum(exercise.score for exercise in exercises),
                max_score=20,
                exercises=exercises,
                findings=tuple(
                    record.Finding(kind, f"cell 12, after {number} s", "conv2d")
                    for kind in kinds
                ),
                needs_review="no record for test_filters" if number in (7, 21) else "",
            )
        )
    return results


def links_of(results: list[record.Result]) -> dict[str, str]:
    return {
        result.student: f"feedback/{result.student}/{result.lab}/{result.lab}.html"
        for result in results
    }


def sample_page() -> str:
    results = sample_class()
    return report.page(results, "Convolution", links_of(results))


def text_of(page: str) -> str:
    """What a reader of the page sees."""
    body = page.split("</style>")[1]
    body = re.sub(r"</?(a|bdi|code|em|li|span|strong)\b[^>]*>", "", body)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def one_exercise(
    student: str, score: float, mistake: str = "", hint: str = "Look again."
) -> record.Result:
    """A result with a single exercise of two points, one for each check."""
    tests = tuple(
        record.TestRecord(f"test_pad2d{name}", 1, right, bool(right))
        for name, right in (("_first", score >= 1), ("_second", score >= 2))
    )
    diagnosis = record.Diagnosis(mistake, hint) if mistake else None
    exercise = record.ExerciseRecord("pad2d", score, 2, tests, diagnosis)
    return record.Result("lab01", student, score, 2, (exercise,))


def test_page_counts_the_class() -> None:
    results = [
        one_exercise(name, score)
        for name, score in zip("abcd", (0, 1, 2, 2), strict=True)
    ]
    text = text_of(report.page(results, "Convolution", {}))
    assert "Graded 4 Mean of 2 1.2 Median 1.5 Full marks 2 Need review 0" in text
    assert "pad2d 62 %" in text
    assert "pad2d First 3 Second 2" in text


def test_page_of_an_empty_class_says_so() -> None:
    page = report.page([], "Convolution", {})
    assert "There are no graded submissions of this lab." in text_of(page)
    assert "<svg" not in page


def test_a_missing_exercise_counts_as_nothing() -> None:
    results = [one_exercise("ann", 2), record.Result("lab01", "bob", 0, 2)]
    assert "pad2d 50 %" in text_of(report.page(results, "Convolution", {}))


def test_a_lab_without_points_is_shown() -> None:
    result = record.Result("lab01", "ann", 0, 0)
    text = text_of(report.page([result], "Convolution", {}))
    assert "Full marks 0" in text


@pytest.mark.parametrize(
    ("scores", "counts"),
    [
        ([], [0, 0, 0, 0]),
        ([0, 4.9, 5, 10, 15, 19.99, 20], [2, 1, 1, 3]),
        ([-3, 25], [1, 0, 0, 1]),
        ([float("nan")], [1, 0, 0, 0]),
    ],
)
def test_histogram_counts_each_score_once(
    scores: list[float], counts: list[int]
) -> None:
    assert report.histogram(scores, 20, 4) == counts


def test_histogram_without_points_counts_in_the_first_step() -> None:
    assert report.histogram([0, 0], 0, 3) == [2, 0, 0]


def test_histogram_needs_a_step() -> None:
    with pytest.raises(ValueError, match=r"at least one bin\. Received: bins=0"):
        report.histogram([1], 20, 0)


def test_histogram_describes_itself() -> None:
    page = sample_page()
    assert '<title id="histogram-title">Histogram of the scores</title>' in page
    description = re.search(r"<desc[^>]*>(.*?)</desc>", page)
    assert description is not None
    counts = [int(count) for count in re.findall(r"points: (\d+)", description[1])]
    assert counts == report.histogram([r.score for r in sample_class()], 20, 10)


def test_mistakes_are_sorted_by_frequency_and_name_the_students() -> None:
    results = [
        one_exercise("ann", 0, "rare_one"),
        one_exercise("bob", 0, "common_one", "Pad both sides."),
        one_exercise("cleo", 0, "common_one", "Pad both sides."),
        one_exercise("dan", 2),
    ]
    text = text_of(report.page(results, "Convolution", {}))
    common = text.index("Common one in pad2d 2 Pad both sides. bob, cleo")
    assert common < text.index("Rare one in pad2d 1 Look again. ann")


def test_findings_are_grouped_with_meaning_student_cell_and_message() -> None:
    findings = (
        record.Finding("edited_test", "its points were 9", "test_pad2d"),
        record.Finding("added_file", "numpy.py"),
    )
    results = [
        replace(one_exercise("ann", 1), findings=findings),
        replace(one_exercise("bob", 1), findings=findings[:1]),
    ]
    text = text_of(report.page(results, "Convolution", {}))
    edited = f"Edited test {record.FINDING_KINDS['edited_test']} 2 ann test_pad2d its"
    added = f"Added file {record.FINDING_KINDS['added_file']} 1 ann numpy.py"
    assert text.index(edited) < text.index(added)


def test_a_flood_of_findings_leaves_room_for_the_others() -> None:
    flood = tuple(record.Finding("unknown_cell", "x", f"c{n}") for n in range(5_000))
    results = [
        replace(one_exercise("ann", 1), findings=flood),
        replace(one_exercise("bob", 1), findings=flood[:1]),
    ]
    page = report.page(results, "Convolution", {})
    assert "ann c0 x; c1 x; c2 x and 4997 more bob c0 x" in text_of(page)
    assert len(page) < 30_000


def test_checks_with_one_name_are_counted_apart() -> None:
    tests = tuple(
        record.TestRecord(grade_id, 1, 1, True)
        for grade_id in ("test_pad2d", "test_pad2d_main_check")
    )
    exercise = record.ExerciseRecord("pad2d", 2, 2, tests)
    result = record.Result("lab01", "ann", 2, 2, (exercise,))
    text = text_of(report.page([result], "Convolution", {}))
    assert "pad2d Main check 1 Main check 1" in text


def test_reviews_come_first_with_their_reason() -> None:
    results = [
        one_exercise("ann", 1),
        replace(one_exercise("bob", 1), needs_review="no record"),
    ]
    text = text_of(report.page(results, "Convolution", {}))
    assert "Need review 1" in text
    assert text.index("bob no record") < text.index("Scores")
    assert "Needs review" not in text_of(report.page(results[:1], "Convolution", {}))


def test_students_are_sorted_and_linked() -> None:
    results = [one_exercise("zoe", 1), one_exercise("ann", 2)]
    page = report.page(results, "Convolution", {"zoe": "../feedback/zoe/a b.html"})
    assert (
        '<a href="./../feedback/zoe/a%20b.html"><bdi class="name">zoe</bdi></a>' in page
    )
    text = text_of(page)
    assert text.index("ann 2 2") < text.index("zoe 1 1")
    assert page.count("<a ") == 1


@pytest.mark.parametrize(
    ("path", "href"),
    [
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("//example.com/x", "./example.com/x"),
        ("/etc/passwd", "./etc/passwd"),
        ("a?b#c", "./a%3Fb%23c"),
        ("é/\ud800", "./%C3%A9/%3F"),
        ("data:text/html,x", "./data%3Atext/html%2Cx"),
    ],
)
def test_links_are_relative_paths(path: str, href: str) -> None:
    page = report.page([one_exercise("ann", 1)], "Convolution", {"ann": path})
    assert f'<a href="{href}">' in page


def test_page_of_a_large_class_folds_names_away() -> None:
    results = [one_exercise(f"s{n:03}", 0, "same") for n in range(300)]
    text = text_of(report.page(results, "Convolution", {}))
    assert "Same in pad2d 300" in text
    assert "288 more" in text


def test_write_replaces_the_report_whole(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "lab01.html"
    assert report.write([one_exercise("ann", 1)], "Convolution", {}, path) == path
    report.write([one_exercise("bob", 1)], "Convolution", {}, path)
    written = path.read_text("utf-8")
    assert written == report.page([one_exercise("bob", 1)], "Convolution", {})
    assert list(path.parent.iterdir()) == [path]


def test_write_leaves_the_old_report_when_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "lab01.html"
    path.mkdir()
    with pytest.raises(OSError, match=r"lab01\.html"):
        report.write([], "Convolution", {}, path)
    assert list(tmp_path.iterdir()) == [path]
