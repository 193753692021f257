"""Both pages: text stays text, and nothing can run, load, hide or reorder."""

import base64
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from shutil import which
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import feedback, pages, record, report

CHROMIUM = which("chromium")
HOSTILE = {
    "script": "<script>document.title = 'taken'</script>",
    "closing": "</pre></td></title></style><script>document.title='taken'</script>",
    "handler": '"><img src=x onerror="document.title=\'taken\'">',
    "single_quote": "' onmouseover='document.title=1' x='",
    "link": "<a href=javascript:alert(1)>your score</a>",
    "address": "javascript:document.title='taken'",
    "host": "//example.com/%2e%2e?q=#f",
    "frame": "<iframe src=https://example.com></iframe><object data=x></object>",
    "form": "<form action=//example.com><input name=password></form>",
    "svg": "<svg onload=document.title=1><style>*{display:none}</style></svg>",
    "comment": "<!-- --><!--",
    "template": "{{ result.cells }}{% for x in y %}{# #}",
    "entity": "&#60;script&#62; &lt;b&gt; &amp;",
    "formula": '=HYPERLINK("http://example.com")',
    "bidi": "ann\u202egpj.exe\u2066\u200f\u061c",
    "control": "a\x00b\x07c\x1b[31md\x7f\x9b\r\n\r",
    "surrogate": "x\ud800y\udcff",
    "unseen": "a\u200b\ufeff\xad\U000e0041b\u2028c",
    "combining": "Z" + "\u0301" * 400,
    "long": "a" * 5_000,
}
TAGS = frozenset(
    "html head meta title style link body header main footer section article div p h1 "
    "h2 h3 a code bdi pre span strong em ul li dl dt dd details summary img table "
    "caption thead tbody tr th td svg desc rect text line".split()
)
HREF = re.compile(r"data:,|#exercise-\d+|\./[\w.~%/-]*", re.ASCII)
# The colours of text, and those that it stands on.
INKS = ("ink", "muted", "link", "pass", "fail")
CODE_INKS = ("keyword", "string", "digit", "defined", "muted")


def picture() -> str:
    """A grey PNG of 2×2 pixels in base64."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\x80\x80" * 2)),
        (b"IEND", b""),
    )
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body))
        + kind
        + body
        + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return base64.b64encode(png).decode()


def result_with(text: str, student: str) -> record.Result:
    """A result that holds `text` wherever a submission can put it."""
    tests = (
        record.TestRecord(text, 2, 0, False, "visible", text, text),
        record.TestRecord(f"test_{text}_dtype", 1, 1, True),
    )
    outputs = (
        *(record.Output(kind, text, text) for kind in ("stream", "text", "error")),
        record.Output("image", text, text),
        record.Output("image", picture(), text),
        record.Output("text/html", text, text),
    )
    kinds = ("given", "solution", "added", "experiment", "markdown", "tests", text)
    return record.Result(
        lab="lab01",
        student=student,
        score=1,
        max_score=3,
        exercises=(
            record.ExerciseRecord(text, 1, 3, tests, record.Diagnosis(text, text)),
        ),
        findings=(record.Finding("timed_out", text, text), record.Finding(text, text)),
        cells=tuple(
            record.CellRecord(f"{text}-{kind}", kind, text, outputs) for kind in kinds
        ),
        needs_review=text,
        digest=text,
        submitted=text,
    )


def feedback_with(text: str) -> str:
    return feedback.page(result_with(text, student=text), text)


def report_with(text: str) -> str:
    results = [result_with(text, student) for student in (text, f"{text}2")]
    return report.page(results, text, {text: f"{text}.html"})


PAGES = {"feedback": feedback_with, "report": report_with}
each_page = pytest.mark.parametrize("page_with", PAGES.values(), ids=PAGES)


class Page(HTMLParser):
    """The elements, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if "style" not in self.tags[-1:]:
            self.text += data


def check_harmless(html: str) -> None:
    """Nothing in the page can run, load, send or hide anything."""
    page = Page(html)
    assert set(page.tags) <= TAGS
    for name, value in page.attributes:
        assert not name.startswith("on")
        if name == "src":
            assert re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/]+=*", value)
        if name == "href":
            assert HREF.fullmatch(value)
        if name == "style":
            assert re.fullmatch(r"width:\d+\.\d%", value)
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"(?i)@import|url\(|expression\(", style)
    assert pages.visible(html) == html
    html.encode("utf-8")


@each_page
@pytest.mark.parametrize(
    "text", ["conv2d", *HOSTILE.values()], ids=["honest", *HOSTILE]
)
def test_text_stays_text(page_with: Callable[[str], str], text: str) -> None:
    check_harmless(page_with(text))


@each_page
@given(text=st.text(st.characters(), max_size=60))
@settings(max_examples=50, deadline=None)
def test_any_text_stays_text(page_with: Callable[[str], str], text: str) -> None:
    html = page_with(text)
    check_harmless(html)
    assert pages.visible(text) in Page(html).text


@each_page
def test_a_page_has_the_same_elements_whatever_the_text(
    page_with: Callable[[str], str],
) -> None:
    plain, hostile = Page(page_with("conv2d")), Page(page_with(HOSTILE["svg"]))
    unlike_source = [tag for tag in plain.tags if tag != "span"]
    assert [tag for tag in hostile.tags if tag != "span"] == unlike_source
    assert hostile.text.count(HOSTILE["svg"]) >= 10


@each_page
@pytest.mark.parametrize(
    "mark", ["\u202e", "\u2066", "\u200f", "\u200b", "\x00", "\udc80"]
)
def test_names_show_what_hides_or_reorders(
    page_with: Callable[[str], str], mark: str
) -> None:
    html = page_with(f"ann{mark}bob")
    assert f'<bdi class="name">ann{pages.visible(mark)}bob</bdi>' in html
    assert mark not in html


@each_page
def test_the_policy_comes_before_any_foreign_text(
    page_with: Callable[[str], str],
) -> None:
    html = page_with("conv2d")
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert 0 < html.index(policy) < html.index("conv2d")
    assert html.index('charset="utf-8"') < 1024


@each_page
def test_headings_descend_step_by_step_and_ids_are_unique(
    page_with: Callable[[str], str],
) -> None:
    page = Page(page_with("conv2d"))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    labels = [value for name, value in page.attributes if name == "aria-labelledby"]
    assert {part for label in labels for part in label.split()} <= set(ids)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢 🙂\t\n", "plain é 漢 🙂\t\n"),
        (
            "family 👨\u200d👩\u200d👧, می\u200cخواهم",
            "family 👨\u200d👩\u200d👧, می\u200cخواهم",
        ),
        ("a\x00b", "a\\x00b"),
        ("a\r\nb\rc", "a\nb\\x0dc"),
        ("ann\u202egpj", "ann\\u202egpj"),
        ("\ud800\udcff", "\\ud800\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("e\u0301\u0302" + "█" * 40, "e\u0301\u0302" + "█" * 40),
        ("Z" + "\u0301" * 8, "Z" + "\u0301" * 6 + "\\u0301" * 2),
        ("Z" + "\u0301\u200d" * 7, "Z" + "\u0301\u200d" * 6 + "\\u0301\\u200d"),
    ],
)
def test_visible_spells_out_what_cannot_be_seen(text: str, shown: str) -> None:
    assert pages.visible(text) == shown


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[0;31mred\x1b[0m \x1b[1;32;44mbold\x1b[m", "red bold"),
        ("\x1b]0;title\x07a\x1b]8;;http://x.org\x1b\\b\x1b]8;;\x1b\\", "ab"),
        ("\x1b[2J\x1b[Hcleared\x1b(B\x1bM", "cleared"),
        ("1/3\r2/3\r3/3\ndone", "3/3\ndone"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("12%\b\b\b99%", "99%"),
        ("\b\ba\n\bb", "a\nb"),
    ],
)
def test_as_printed_is_what_a_terminal_leaves(text: str, left: str) -> None:
    assert pages.as_printed(text) == left


@pytest.mark.parametrize(
    "flood", ["\x1b", "\x1b[", "\x1b[0;", "\x1b]x", "\x1b]\x1b\\", "\b", "\r", "a\b"]
)
def test_as_printed_takes_linear_time(flood: str) -> None:
    start = perf_counter()
    pages.as_printed(flood * (1_000_000 // len(flood)))
    assert perf_counter() - start < 5


def test_passage_folds_and_cuts() -> None:
    assert pages.passage("a\nb\n\n") == pages.Passage("a\nb")
    lines = "\n".join("abcdefgh")
    assert pages.passage(lines, seen_lines=5) == pages.Passage(lines)
    folded = pages.passage(lines, seen_lines=2)
    assert folded == pages.Passage("a\nb", "c\nd\ne\nf\ng\nh")
    assert folded.rest_lines == 6
    assert pages.passage("abc", characters=2) == pages.Passage("ab", cut=1)


@pytest.mark.parametrize(
    ("score", "max_score", "part"),
    [(1, 4, 0.25), (5, 4, 1), (-1, 4, 0), (1, 0, 0), (0, 0, 0), (float("nan"), 1, 0)],
)
def test_share_lies_between_nothing_and_all(
    score: float, max_score: float, part: float
) -> None:
    assert pages.share(score, max_score) == part


@pytest.mark.parametrize(
    ("score", "text"),
    [(2.0, "2"), (0.5, "0.5"), (1 / 3, "0.33"), (-0.0, "0"), (100, "100")],
)
def test_points_have_no_idle_zeros(score: float, text: str) -> None:
    assert pages.points(score) == text


def test_short_keeps_the_start() -> None:
    assert pages.short("abcdef", 6) == "abcdef"
    assert pages.short("abcdefg", 6) == "abcde…"


@pytest.mark.parametrize(
    ("grade_id", "name"),
    [
        ("test_conv2d", "Main check"),
        ("test_conv2d_even_kernel", "Even kernel"),
        ("test_conv2d_SAME", "SAME"),
        ("cell-1f3a", "Cell-1f3a"),
        ("", ""),
    ],
)
def test_check_name_is_readable(grade_id: str, name: str) -> None:
    assert pages.check_name("conv2d", grade_id) == name


def test_write_leaves_the_old_page_when_it_fails(tmp_path: Path) -> None:
    path = pages.write("old", tmp_path / "new" / "page.html")
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        pages.write("\ud800", path)
    assert path.read_text("utf-8") == "old"
    assert list(path.parent.iterdir()) == [path]


def test_write_puts_a_new_file_in_the_place_of_the_old(tmp_path: Path) -> None:
    path = pages.write("old", tmp_path / "page.html")
    reader = tmp_path / "reader.html"
    reader.hardlink_to(path)
    pages.write("new", path)
    assert (path.read_text("utf-8"), reader.read_text("utf-8")) == ("new", "old")


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb". Source: WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(scheme: str) -> None:
    style = Path(pages.__file__).with_name("style.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    block = blocks[("light", "dark").index(scheme)]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    pairs = [(ink, ground) for ink in INKS for ground in ("paper", "panel", "review")]
    pairs += [(ink, "panel") for ink in CODE_INKS] + [
        ("ink", "hint"),
        ("muted", "hint"),
    ]
    for ink, ground in pairs:
        low, high = sorted(luminance(colours[name]) for name in (ink, ground))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def open_page(browser: Any, scheme: str, path: Path, said: list[str]) -> Any:
    """A tab with the page; what it says or asks for goes to `said`."""
    tab = browser.new_context(color_scheme=scheme).new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    tab.on("request", lambda request: said.append(request.url))
    tab.goto(path.as_uri())
    return tab


@pytest.mark.browser
@each_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "text", ["conv2d", "\n".join(HOSTILE.values())], ids=["honest", "hostile"]
)
def test_page_in_a_browser(
    chromium: Any,
    page_with: Callable[[str], str],
    scheme: str,
    text: str,
    tmp_path: Path,
) -> None:
    path = pages.write(page_with(text), tmp_path / "page.html")
    said: list[str] = []
    tab = open_page(chromium, scheme, path, said)
    title = re.search(r"[\w ]*: (feedback for|class report)", tab.title())
    assert title is not None
    assert tab.locator("script, iframe, object, form, input, [onload]").count() == 0
    for image in tab.locator("img").all():
        assert image.evaluate("image => image.naturalWidth") == 2
    for width in (320, 400, 1200):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.mouse.move(200, 200)
    tab.context.close()
    assert [line for line in said if not line.startswith("data:")] == [path.as_uri()]


@pytest.mark.browser
@each_page
def test_the_policy_stops_a_script_that_got_in(
    chromium: Any, page_with: Callable[[str], str], tmp_path: Path
) -> None:
    script = (
        "<script>document.title = 'taken'</script><img src=x onerror=document.title=1>"
    )
    html = page_with("conv2d").replace("</main>", f"{script}</main>")
    path = pages.write(html, tmp_path / "page.html")
    said: list[str] = []
    tab = open_page(chromium, "light", path, said)
    title = tab.title()
    tab.context.close()
    assert title.startswith("conv2d: ")
    assert sum("Content Security Policy" in line for line in said) >= 2
