"""The feedback page: what a student is told, and what stays hidden."""

import base64
import html
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import feedback, record


def png(width: int = 2, height: int = 2, data: bytes | None = None) -> bytes:
    """A grey picture; its header tells any size, its pixels are few."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\x80\x80" * 2) if data is None else data
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body))
        + kind
        + body
        + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


PICTURE = base64_text(png())


def passed(exercise: str, name: str, points: float) -> record.TestRecord:
    return record.TestRecord(f"test_{exercise}{name}", points, points, passed=True)


def failed(
    exercise: str, name: str, points: float, region: str, message: str
) -> record.TestRecord:
    return record.TestRecord(
        grade_id=f"test_{exercise}{name}",
        points=points,
        score=0,
        passed=False,
        region=region,
        message=message,
        detail="SECRET expected 41.5, received 17.25",
    )


def sample_result(student: str = "ann", picture: str = PICTURE) -> record.Result:
    """A student with one right exercise, one named mistake and one crash."""
    exercises = (
        record.ExerciseRecord(
            "corr1d",
            4,
            4,
            (passed("corr1d", "", 2), passed("corr1d", "_one_element", 2)),
        ),
        record.ExerciseRecord(
            "conv2d",
            3,
            8,
            (
                passed("conv2d", "", 3),
                failed(
                    "conv2d",
                    "_even_kernel",
                    3,
                    "hidden",
                    "stride 2 with an even kernel: the shape is right, "
                    "but 12 of 18 entries differ.",
                ),
                failed(
                    "conv2d",
                    "_dtype",
                    2,
                    "visible",
                    "float32 input: expected dtype float32. Received: float64",
                ),
            ),
            record.Diagnosis(
                "flipped_kernel",
                "Your kernel is flipped: this is true convolution. Slide the kernel "
                "over the image as it is.",
            ),
        ),
        record.ExerciseRecord(
            "conv_matrix",
            0,
            5,
            (
                failed(
                    "conv_matrix",
                    "",
                    5,
                    "visible",
                    "a 2×2 kernel on a 3×3 image: your function raised "
                    "IndexError: index 9 is out of bounds for axis 1 with size 9",
                ),
            ),
        ),
        record.ExerciseRecord("filters", 3, 3, (passed("filters", "", 3),)),
    )
    cells = (
        record.CellRecord(
            "story",
            "markdown",
            "# Convolution\n\nA filter slides over an image.",
        ),
        record.CellRecord(
            "given_setup",
            "given",
            "import numpy as np\nfrom cnncourse import checks, plots\n\nseed = 0\n",
        ),
        record.CellRecord(
            "corr1d",
            "solution",
            "def corr1d(x, w):\n"
            '    """Cross-correlates a signal with a kernel, VALID."""\n'
            "    size = len(x) - len(w) + 1\n"
            "    return np.array([x[i : i + len(w)] @ w for i in range(size)])\n",
        ),
        record.CellRecord(
            "test_corr1d", "tests", "SECRET = corr1d([1, 2], [1])  # hidden\n"
        ),
        record.CellRecord(
            "ann-1",
            "added",
            "for step in range(3):\n    print('step', step)  # where does it go?\n"
            "undefined_name\n",
            (
                record.Output("stream", "step 0\nstep 1\nstep 2\n", "stdout"),
                record.Output("stream", "2026-01-05 I tensorflow: oneDNN\n", "stderr"),
                record.Output(
                    "error",
                    "\x1b[0;31mNameError\x1b[0m Traceback (most recent call last)\n"
                    "Cell In[5], line 3\n----> 3 undefined_name\n\n"
                    "NameError: name 'undefined_name' is not defined",
                    "NameError",
                ),
            ),
        ),
        record.CellRecord(
            "conv2d",
            "solution",
            "def conv2d(x, w, stride=1):\n    return x[::stride] @ w[::-1, ::-1]\n",
            (record.Output("text", "\n".join(f"row {n}" for n in range(200))),),
        ),
        record.CellRecord(
            "test_conv2d",
            "tests",
            "SECRET_HIDDEN_INPUT = 17.25",
            (record.Output("error", "SECRET in a traceback", "AssertionError"),),
        ),
        record.CellRecord(
            "experiment_photograph",
            "experiment",
            "plots.images({'Sobel': corr2d(photograph, sobel)})\n",
            (record.Output("image", picture),),
        ),
    )
    return record.Result(
        lab="lab01_convolution",
        student=student,
        score=10,
        max_score=20,
        exercises=exercises,
        findings=(
            record.Finding("edited_test", "SECRET for the instructor", "test_corr1d"),
            record.Finding("timed_out", "SECRET for the instructor", "conv_matrix"),
        ),
        cells=cells,
        seconds=0.4,
        digest="3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed",
        submitted="2026-01-05T11:58:02+01:00",
    )


def text_of(result: record.Result) -> str:
    """What a reader of the page sees."""
    body = feedback.page(result, "Convolution").split("</style>")[1]
    body = re.sub(r"</?(a|bdi|code|em|span|strong)\b[^>]*>", "", body)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_page_tells_score_checks_and_hint() -> None:
    text = text_of(sample_result())
    for told in (
        "10 of 20 points",
        "4 of 7 checks passed",
        "What probably happened Your kernel is flipped",
        "Failed: Even kernel hidden 0 / 3 stride 2 with an even kernel",
        "Failed: Dtype visible 0 / 2 float32 input: expected dtype float32",
        "Passed: One element 2 / 2",
        "ann · submitted 2026-01-05 11:58 UTC+01:00",
        "SHA-256 starts with 3f786850e387",
    ):
        assert told in text


def test_page_shows_the_notebook_as_it_ran() -> None:
    page = feedback.page(sample_result(), "Convolution")
    text = text_of(sample_result())
    assert "A filter slides over an image." in text
    assert "def corr1d(x, w):" in text
    assert '<span class="keyword">def</span>' in page
    assert "Stopped: NameError: name 'undefined_name' is not defined" in text
    assert "Messages (stderr) 2026-01-05 I tensorflow: oneDNN" in text
    assert "180 more lines" in text
    assert f'src="data:image/png;base64,{PICTURE}"' in page
    assert 'alt="Output 1 of Experiment experiment_photograph"' in page


def test_page_without_cells_says_so() -> None:
    assert "No cell of your notebook ran." in text_of(
        replace(sample_result(), cells=())
    )


def test_page_keeps_the_instructors_part() -> None:
    page = feedback.page(sample_result(), "Convolution")
    assert "SECRET" not in page
    assert "17.25" not in page
    assert "flipped_kernel" not in page


def test_page_hides_a_test_cell_that_claims_another_kind() -> None:
    cell = record.CellRecord("test_conv2d", "solution", "SECRET = 1")
    page = feedback.page(replace(sample_result(), cells=(cell,)), "Convolution")
    assert "SECRET" not in page


@pytest.mark.parametrize("kind", ["tests", "hidden", "", "raw"])
def test_page_shows_only_known_kinds_of_cell(kind: str) -> None:
    output = record.Output("stream", "SECRET", "stdout")
    cell = record.CellRecord("x", kind, "SECRET = 1", (output,))
    page = feedback.page(replace(sample_result(), cells=(cell,)), "Convolution")
    assert "SECRET" not in page


def test_page_announces_a_review_without_its_reason() -> None:
    text = text_of(replace(sample_result(), needs_review="copied from bob"))
    assert "A person will look at this before the score counts." in text
    assert "bob" not in text
    assert "A person will look" not in text_of(sample_result())


def test_every_kind_of_finding_has_a_note_for_the_student() -> None:
    assert set(feedback.FINDING_NOTES) == set(record.FINDING_KINDS)


@pytest.mark.parametrize("kind", record.FINDING_KINDS)
def test_page_says_a_finding_once_in_the_students_words(kind: str) -> None:
    findings = [record.Finding(kind, "SECRET", cell) for cell in ("a1", "a1", "b2")]
    result = replace(sample_result(), findings=tuple(findings), cells=())
    text = text_of(result)
    assert text.count(feedback.FINDING_NOTES[kind]) == 1
    assert "(a1, b2)" in text
    assert "SECRET" not in text


def test_page_names_only_some_cells_of_a_flood_of_findings() -> None:
    findings = tuple(record.Finding("unknown_cell", "", f"c{n}") for n in range(5_000))
    text = text_of(replace(sample_result(), findings=findings))
    assert "c19 and 4980 more)" in text


@pytest.mark.parametrize(
    ("submitted", "shown"),
    [
        ("2026-01-05T11:58:02", "submitted 2026-01-05 11:58 10 of 20"),
        ("on time, surely", "submitted on time, surely 10 of 20"),
        ("", "ann 10 of 20"),
    ],
)
def test_page_shows_any_time_of_submission(submitted: str, shown: str) -> None:
    assert shown in text_of(replace(sample_result(), submitted=submitted))


def test_a_check_that_failed_nowhere_has_no_region() -> None:
    test = record.TestRecord("test_pad2d", 2, 0, False, "", "It did not run.")
    exercise = record.ExerciseRecord("pad2d", 0, 2, (test,))
    text = text_of(replace(sample_result(), exercises=(exercise,)))
    assert "Failed: Main check 0 / 2 It did not run." in text


def test_page_takes_an_unknown_kind_of_finding() -> None:
    findings = (record.Finding("from_the_future", "x"),)
    text = text_of(replace(sample_result(), findings=findings))
    assert "The grader noted something about your submission." in text


def test_picture_size_of_a_png() -> None:
    assert feedback.picture_size(PICTURE) == (2, 2)
    assert feedback.picture_size(base64_text(png(640, 480))) == (640, 480)
    assert feedback.picture_size(PICTURE[:20] + "\n" + PICTURE[20:]) == (2, 2)


REFUSED_PICTURES = {
    "empty": "",
    "not_base64": "not base64!",
    "bad_padding": PICTURE.rstrip("=")[:-1],
    "quote": PICTURE[:-4] + '">==',
    "non_ascii": PICTURE + "é",
    "text": base64_text(b"<svg onload=alert(1)>"),
    "svg_after_signature": base64_text(b"\x89PNG\r\n\x1a\n<svg/>"),
    "jpeg": base64_text(b"\xff\xd8\xff\xe0" + bytes(40)),
    "truncated": base64_text(png()[:-5]),
    "trailing": base64_text(png() + b"<script>"),
    "no_pixels": base64_text(png(0, 5)),
    "huge_side": base64_text(png(10_001, 1)),
    "huge_area": base64_text(png(9_000, 9_000)),
    "huge_file": base64_text(png(data=bytes(4_000_001))),
    "endless": "A" * 8_000_000,
}


@pytest.mark.parametrize("text", REFUSED_PICTURES.values(), ids=REFUSED_PICTURES)
def test_other_pictures_are_refused(text: str) -> None:
    assert feedback.picture_size(text) is None
    page = feedback.page(sample_result(picture=text), "Convolution")
    assert "<img" not in page
    assert "A picture is not shown: it is damaged or too large." in page


def test_floods_are_cut() -> None:
    flood = record.Output("stream", "\x1b[31m" + "x" * 200_000, "stdout")
    cells = tuple(
        record.CellRecord(f"c{n}", "added", "y\n" * 50_000, (flood,) * 50)
        for n in range(60)
    )
    page = feedback.page(replace(sample_result(), cells=cells), "Convolution")
    assert len(page) < 35_000_000
    assert "10 more outputs are not shown." in page
    assert "180,000 more characters were cut." in page
    assert re.search(r"The page is full: \d+ more cells are not shown\.", page)


def test_many_cells_do_not_fill_the_page() -> None:
    cells = (record.CellRecord("", "added", ""),) * 100_000
    page = feedback.page(replace(sample_result(), cells=cells), "Convolution")
    assert len(page) < 5_000_000


def test_write_follows_the_layout_of_nbgrader(tmp_path: Path) -> None:
    path = feedback.write(sample_result(), "Convolution", tmp_path)
    assert path == tmp_path / "ann" / "lab01_convolution" / "lab01_convolution.html"
    assert path.read_text("utf-8") == feedback.page(sample_result(), "Convolution")
    feedback.write(replace(sample_result(), score=11), "Convolution", tmp_path)
    assert "<strong>11</strong>" in path.read_text("utf-8")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["", ".", "..", "../bob", "/etc", "a\\b", "a\0b"])
@pytest.mark.parametrize("field", ["student", "lab"])
def test_write_refuses_what_is_no_folder_name(
    field: str, name: str, tmp_path: Path
) -> None:
    result = replace(sample_result(), **{field: name})
    with pytest.raises(
        ValueError, match=f"Expected a plain folder.*Received: {field}="
    ):
        feedback.write(result, "Convolution", tmp_path / "feedback")
    assert not list(tmp_path.iterdir())
