"""The IPython shell in which a submission's cells run, and what they show."""

from __future__ import annotations

import base64
import builtins
import io
import os
import re
import sys
import tempfile
from contextlib import nullcontext
from typing import Any

MAX_IMAGES = 20
MAX_IMAGE = 2 * 2**20  # bytes of a PNG
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Outputs:
    """Collects what a cell prints and shows, up to a limit.

    Args:
        limit: characters of text that are kept.
    """

    def __init__(self, limit: int = 2**18) -> None:
        self.limit = limit
        self.items: list[dict[str, str]] = []
        self.left = limit
        self.cut = False

    def take(self) -> tuple[list[dict[str, str]], bool]:
        """The outputs since the last call, and whether some were cut."""
        items, cut = self.items, self.cut
        self.items, self.left, self.cut = [], self.limit, False
        return items, cut

    def text(self, kind: str, text: str, name: str = "") -> None:
        """Keeps text, joined to the last output if it goes on there."""
        if len(text) > self.left:
            text, self.cut = text[: self.left], True
        self.left -= len(text)
        if not text:
            return
        last = self.items[-1] if self.items else None
        if kind == "stream" and last and (last["kind"], last["name"]) == (kind, name):
            last["text"] += text
        else:
            self.items.append({"kind": kind, "text": text, "name": name})

    def image(self, png: bytes | str) -> None:
        """Keeps a picture, if it is a PNG of bounded size."""
        data = base64.b64decode(png) if isinstance(png, str) else bytes(png)
        images = sum(item["kind"] == "image" for item in self.items)
        if images >= MAX_IMAGES or len(data) > MAX_IMAGE:
            self.cut = True
            return
        text = base64.b64encode(data).decode("ascii")
        self.items.append({"kind": "image", "text": text, "name": ""})

    def show(self, data: dict[str, Any]) -> None:
        """Keeps one displayed object: its picture if it has one, else its text."""
        if "image/png" in data:
            self.image(data["image/png"])
        elif "text/plain" in data:
            self.text("text", str(data["text/plain"]))


class Stream(io.TextIOBase):
    """Stands in for sys.stdout or sys.stderr."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str, descriptor: int) -> None:
        self._outputs, self._name, self._descriptor = outputs, name, descriptor

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, text: str) -> int:
        """Keeps the text as far as the limit allows."""
        self._outputs.text("stream", str(text), self._name)
        return len(text)

    def fileno(self) -> int:
        """The process's own descriptor, for programs that the cell starts."""
        return self._descriptor


def make_shell() -> tuple[Any, Outputs]:
    """Builds a shell and warms it, which takes most of a second.

    Returns:
        The shell and where its outputs go.
    """
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    matplotlib.interactive(True)  # a cell shows its figures, as in Jupyter
    import matplotlib.pyplot
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib_inline.backend_inline import configure_inline_support
    from traitlets.config import Config

    outputs = Outputs()

    class Publisher(DisplayPublisher):
        def publish(self, data: dict, *_: Any, **__: Any) -> None:
            outputs.show(data)

        def clear_output(self, wait: bool = False) -> None:
            outputs.items.clear()

    class Hook(DisplayHook):
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: dict, *_: Any, **__: Any) -> None:
            outputs.show(format_dict)

        def finish_displayhook(self) -> None:
            self._is_active = False

    class Shell(InteractiveShell):
        displayhook_class = Hook
        display_pub_class = Publisher

        def enable_gui(self, gui: str | None = None) -> None:
            pass  # a notebook has no window system

        def ask_exit(self) -> None:
            pass  # `exit` ends a session in a terminal, not a notebook

        def _tee(self, channel: str) -> Any:
            return nullcontext()  # a history of all that is printed has no limit

        def _showtraceback(self, etype: type, evalue: Any, stb: list[str]) -> None:
            text = _ANSI.sub("", "\n".join(stb))
            outputs.text("error", text, etype.__name__)

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    shell = Shell.instance(config=config)
    configure_inline_support(shell, matplotlib.get_backend())
    # a formatter, a figure and a traceback, so that no candidate pays for the first
    for source in (
        "import matplotlib.pyplot as plt; plt.figure(figsize=(1, 1)); plt.plot([1, 2])",
        "1 / 0",
        "[1.5]",
    ):
        shell.run_cell(source, store_history=False)
    shell.run_cell("del plt", store_history=False)
    outputs.take()
    return shell, outputs


def attach_streams(outputs: Outputs, limit: int) -> int:
    """Sends everything that the process prints to `outputs`.

    Args:
        outputs: where printed text goes.
        limit: characters kept of each cell.
    Returns:
        A descriptor of the memory file that takes what other programs print.
    """
    outputs.limit = outputs.left = limit
    with tempfile.TemporaryFile(buffering=0) as file:
        memory = os.dup(file.fileno())
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (memory, 1), (memory, 2)):
        os.dup2(source, target)
    os.close(null)
    streams = {
        "stdin": io.StringIO(),
        "stdout": Stream(outputs, "stdout", 1),
        "stderr": Stream(outputs, "stderr", 2),
    }
    for name, stream in streams.items():
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    builtins.input = _no_input
    return memory


def _no_input(prompt: object = "") -> str:
    """Nobody is there to answer: shows the prompt and takes an empty line."""
    sys.stdout.write(f"{prompt}\n")
    return ""


def collect_descriptor_output(outputs: Outputs, memory: int) -> None:
    """Moves what was written to descriptors 1 and 2 into `outputs`."""
    size = os.lseek(memory, 0, os.SEEK_CUR)
    if size:
        data = os.pread(memory, min(size, outputs.left + 1), 0)
        outputs.text("stream", data.decode("utf-8", "replace"), "stdout")
        os.ftruncate(memory, 0)
        os.lseek(memory, 0, os.SEEK_SET)
