"""Rows 30-33: the gradebook, the pages, and names that are more than names."""

from __future__ import annotations

from threat import Threat, cheat, probe

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"

PRINTED = {
    "script": "<script>alert(1)</script>",
    "link": "<a href='javascript:alert(1)'>click</a>",
    "iframe": "<iframe src='//example.com'></iframe>",
    "svg": "<svg onload=alert(1)></svg>",
    "form": "<form action='//example.com'><input name=password></form>",
    "style": "<style>body{display:none}</style><div style='position:fixed;inset:0'>",
    "base": "<base href='//example.com'><meta http-equiv=refresh content=0>",
    "template": "{{ 7 * 7 }}{% include 'x' %}${7*7}",
    "controls": "\\x1b[2J\\x1b]0;t\\x07\\x00\\x08\\x7f\\u202e\\u2066\\u200b\\ufeff",
    "comment": "--><!--]]>",
}


def _raised(name: str, text: str) -> Threat:
    code = f'def double(x):\n    raise ValueError("{text}")\n'
    return cheat(f"raises_{name}", 31, "markup in an exception", code)


THREATS = [
    *(_raised(name, text) for name, text in PRINTED.items()),
    probe("writes_gradebooks", 30, "a gradebook to write to", """
import sqlite3
found = []
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/proc", "/usr")) or "site-packages" in folder:
        folders.clear()
        continue
    for name in files:
        if name.endswith((".db", ".sqlite")):
            with sqlite3.connect(os.path.join(folder, name)) as db:
                db.execute("update grade set manual_score = 99, needs_manual_grade = 0")
            found.append(name)
return found
"""),
    cheat("names_of_markup", 31, "markup in the names of functions", """
def double(x):
    exec(compile("def f(): raise ValueError('<b>')\\nf()", "<script>", "exec"), {})
"""),
    Threat("prints_markup", 31, "markup in outputs and in its own cells", 8.0,
           answers={"answer": f"print({SCRIPT!r})\nanswer = {SCRIPT!r}\n{SCRIPT!r}"}),
    Threat("shows_html", 31, "HTML, SVG, JavaScript and Markdown as outputs", 8.0,
           answers={"answer": f"""
from IPython.display import HTML, SVG, IFrame, Javascript, Latex, Markdown, display
display(HTML({SCRIPT!r}), Javascript("alert(1)"), Markdown({SCRIPT!r}))
display(Latex("$\\\\href{{javascript:alert(1)}}{{x}}$"), IFrame("//example.com", 9, 9))
display({{"text/html": {SCRIPT!r}, "image/svg+xml": {SCRIPT!r},
         "application/vnd.jupyter.widget-view+json": {{}}}}, raw=True)
answer = 1
"""}),
    Threat("false_pictures", 31, "pictures that are none", 8.0,
           answers={"answer": f"""
import base64
from IPython.display import display
for data in (b"<svg onload=alert(1)>", b"", b"\\x89PNG\\r\\n\\x1a\\n<script>"):
    display({{"image/png": data}}, raw=True)
    display({{"image/png": base64.b64encode(data).decode()}}, raw=True)
display({{"image/png": {SCRIPT!r}}}, raw=True)
display({{"image/png": 7}}, raw=True)
answer = 1
"""}),
    Threat("terminal_flood", 31, "colours without end", 8.0,
           answers={"answer": "print('\\x1b[31m' * 100_000)\nanswer = 1"}),
]  # fmt: skip

# student ids as folders' names: what nobody should break on
STUDENTS = {
    "right_to_left": "ann\u202etxt.exe",
    "control": "\x01\x1b[31mann",
    "new_line": "ann\nbob",
    "markup": "<script>alert(1)<",
    "quotes": "'); drop table student; --",
    "formula": "=cmd('calc')",
    "dots": "a..b",
    "option": "-rf",
    "format": "{0}%s$HOME`id`",
    "pattern": "[a-z]*?",
    "spaces": " ann ",
    "percent": "%2e%2e",
    "json": "ann.json",
    "accents": "Ångström é",
    "emoji": "👩🏽‍🎓",
    "combining": "z" + "\u0301" * 40,
    "long": "x" * 200,
}

# these cannot be graded under their name, and must be named for a person
UNFIT = {
    "no_utf8": b"ann\xff",
    "backslash": b"ann\\..",
    "too_long": b"y" * 250,
}
