"""The table of a model's layers, in the layout of lecture 2."""

from dataclasses import dataclass
from math import prod

import keras

from cnncourse.architectures.counts import Row, layer_rows

# they hold no result of their own: PyTorch pads inside a convolution and flattens by
# another view of the same numbers, and so the lecture's tables do not have them
HIDDEN = (
    "InputLayer", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "Flatten",
    "Reshape",
)  # fmt: skip
MEBIBYTE = 2**20
NUMBER_BYTES = 4  # of float32


@dataclass(frozen=True)
class Summary:
    """What `str` shows as a table.

    Attributes:
        name: of the model.
        rows: a row for each call of a layer that holds a result.
        parameters: of all layers, without moving statistics.
        trained: the parameters that training changes.
        macs: multiply-accumulates for one example.
        input_memory: MiB of one example, in float32, as the others.
        activation_memory: MiB of all results and their gradients for one example.
        parameter_memory: MiB of the parameters.
    """

    name: str
    rows: tuple[Row, ...]
    parameters: int
    trained: int
    macs: int
    input_memory: float
    activation_memory: float
    parameter_memory: float

    @property
    def memory(self) -> float:
        """MiB in all."""
        return self.input_memory + self.activation_memory + self.parameter_memory

    def __str__(self) -> str:
        titles = ("Layer", "Type", "Output shape", "Parameters", "MACs")
        cells = [titles] + [
            (
                row.name,
                row.kind,
                shape_text(row.output_shape),
                f"{row.parameters:,}",
                f"{row.macs:,}",
            )
            for row in self.rows
        ]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [_line(row, widths) for row in cells]
        rule = "-" * len(lines[0])
        trained = "all trained"
        if self.trained < self.parameters:
            trained = f"{self.trained:,} trained"
        totals = [
            f"Parameters: {self.parameters:,} ({trained})",
            f"MACs: {self.macs:,}",
            self._memory_text(),
        ]
        return "\n".join([self.name, rule, lines[0], rule, *lines[1:], rule, *totals])

    def _memory_text(self) -> str:
        return (
            f"Memory in MB: input {self.input_memory:.2f}, forward/backward pass "
            f"{self.activation_memory:.2f}, parameters {self.parameter_memory:.2f}, "
            f"total {self.memory:.2f}"
        )


def summary(model: keras.Model) -> Summary:
    """Lists the layers of a model with their sizes and costs.

    Memory is counted as by the lecture: four bytes a number, one example, every result
    twice, for its value and its gradient; a MB is 2^20 bytes.

    Args:
        model: functional, with input sizes that are known.

    Raises:
        ValueError: as `cnncourse.architectures.counts.layer_rows`.

    Example:
        >>> print(summary(outline("lenet5")).parameters)
        61706
    """
    every = layer_rows(model)
    rows = tuple(row for row in every if row.kind not in HIDDEN)
    inputs = sum(_numbers(row) for row in every if row.kind == "InputLayer")
    parameters = sum(row.parameters for row in every)
    return Summary(
        name=model.name,
        rows=rows,
        parameters=parameters,
        trained=sum(row.trained for row in every),
        macs=sum(row.macs for row in every),
        input_memory=inputs * NUMBER_BYTES / MEBIBYTE,
        activation_memory=2 * sum(map(_numbers, rows)) * NUMBER_BYTES / MEBIBYTE,
        parameter_memory=parameters * NUMBER_BYTES / MEBIBYTE,
    )


def shape_text(shape: tuple[int | None, ...]) -> str:
    """A shape without the batch, such as "28 x 28 x 6"."""
    return " x ".join("?" if size is None else str(size) for size in shape[1:]) or "1"


def _numbers(row: Row) -> int:
    return prod(size or 1 for size in row.output_shape[1:])


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    words = [text.ljust(width) for text, width in zip(cells[:3], widths, strict=False)]
    numbers = [
        text.rjust(width) for text, width in zip(cells[3:], widths[3:], strict=True)
    ]
    return "  ".join(words + numbers)
