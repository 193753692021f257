"""Data for the labs: carried by dependencies, made by formula, downloaded or yours.

`load(name)` gives every set of `DATASETS` in one element structure for each task, which
`TASKS` describes. Nothing here imports TensorFlow before a `tf.data.Dataset` is asked
for.
"""

from cnncourse.datasets.digits import digits
from cnncourse.datasets.entries import DATASETS
from cnncourse.datasets.folds import assign_folds
from cnncourse.datasets.loading import info, load
from cnncourse.datasets.photographs import PHOTOGRAPHS, Photograph, photograph
from cnncourse.datasets.records import TASKS, DatasetRecord, Task
from cnncourse.datasets.showing import show
from cnncourse.datasets.tensorflow_sets import OfflineError

__all__ = [
    "DATASETS",
    "PHOTOGRAPHS",
    "TASKS",
    "DatasetRecord",
    "OfflineError",
    "Photograph",
    "Task",
    "assign_folds",
    "digits",
    "info",
    "load",
    "photograph",
    "show",
]
