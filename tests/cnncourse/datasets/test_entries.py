"""The catalogue says all that it must of every set."""

import pytest

from cnncourse.datasets import DATASETS, TASKS
from cnncourse.datasets.records import Examples

NAMED = """
    digits faces textures photographs stereo_motorcycle shapes voxels reviews mnist
    fashion_mnist kmnist emnist cifar10 cifar100 svhn caltech101 imagenette imagenet2012
    voc2007 imdb glue_sst2 mr sst1 sst2 subj trec cr mpqa
""".split()


def test_all_that_the_course_names_is_there() -> None:
    assert set(NAMED) <= set(DATASETS)


@pytest.mark.parametrize("name", list(DATASETS))
def test_records_are_complete(name: str) -> None:
    record = DATASETS[name]
    assert record.name == name and record.task in TASKS
    for text in (record.title, record.licence, record.citation, record.source):
        assert text
    assert record.needs in ("nothing", "network", "files")
    if record.offline:
        assert record.instead == "" and record.splits
    else:  # the offline set serves the same labs
        assert DATASETS[record.instead].offline
    if record.classes:
        assert record.num_classes == len(record.classes) == len(set(record.classes))


def test_examples_are_stacked() -> None:
    pairs = Examples(lambda i: (float(i), i), 3).stack()
    assert [p.tolist() for p in pairs] == [[0, 1, 2], [0, 1, 2]]
    fields = Examples(lambda i: {"a": str(i)}, 2).stack()
    assert fields["a"].tolist() == ["0", "1"] and fields["a"].dtype == object
    with pytest.raises(ValueError, match=r"at least one example. Received: examples=0"):
        Examples(lambda i: (i,), 0).stack()
