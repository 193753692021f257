"""The catalogue of data sets."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cnncourse.catalogue import Catalogue
from cnncourse.datasets import carried
from cnncourse.datasets.cifar_files import cifar_split, find_cifar
from cnncourse.datasets.idx_files import find_idx, idx_split
from cnncourse.datasets.image_folders import folder_split
from cnncourse.datasets.photographs import PHOTOGRAPHS
from cnncourse.datasets.records import DatasetRecord, Examples, Query
from cnncourse.datasets.reviews import SENTIMENTS, reviews_example
from cnncourse.datasets.sentence_sets import (
    SENTENCE_SETS,
    SentenceSet,
    sentence_set_split,
)
from cnncourse.datasets.shape_tasks import VIEWS, shapes_example
from cnncourse.datasets.shapes import SHAPES
from cnncourse.datasets.tensorflow_sets import TensorFlowSource, tensorflow_split
from cnncourse.datasets.text_files import sentences_split
from cnncourse.datasets.voxels import BODIES, voxels_example

COURSE = "this course"
PROCEDURAL = "Apache-2.0, as the course"
DIGITS = tuple("0123456789")
SHAPE_PARTS = {"train": 1200, "validation": 300, "test": 300}
VOXEL_PARTS = {"train": 600, "validation": 150, "test": 150}
REVIEW_PARTS = {"train": 4000, "test": 1000, "negation": 1000}
EXAMPLES_OPTION = {"examples": "how many; by default as many as `splits` says"}
FOLD = "which of the ten folds is the test part (0)"
CHECKSUM = {"checksum": "False accepts files that are not the published ones"}


def _carried(function: Callable[..., Any], seeded: bool = False) -> Callable:
    """A loader from a function of the split, and of the seed if it divides."""

    def load(query: Query) -> Any:
        seed = {"seed": query.seed} if seeded else {}
        return function(query.split, **seed, **query.options)

    return load


def _made(
    example: Callable[..., Any], parts: Mapping[str, int], sized: bool = False
) -> Callable:
    """A loader of a procedural set from the function of one example."""

    def load(query: Query) -> Examples:
        if query.split not in parts:
            raise ValueError(
                f"Expected one of {', '.join(parts)}. Received: split={query.split}"
            )
        options = dict(query.options)
        count = options.pop("examples", parts[query.split])
        if query.image_size is not None:
            height, width = query.image_size
            if not sized or height != width:
                wanted = "a square" if sized else "no image_size for this set"
                raise ValueError(
                    f"Expected {wanted}. Received: image_size={query.image_size}"
                )
            options["image_size"] = height
        return Examples(
            lambda index: example(query.seed, query.split, index, **options), count
        )

    return load


def _from_folder(function: Callable[..., Any]) -> Callable:
    """A loader from a function of a folder and a split."""

    def load(query: Query) -> Any:
        return function(query.folder, query.split, **query.options)

    return load


def _pictures_from_folder(query: Query) -> Any:
    size = query.image_size or (64, 64)
    return folder_split(query.folder, query.split, size, query.seed)


def _offline(
    name: str, title: str, task: str, splits: Mapping[str, int], shape: tuple,
    classes: tuple[str, ...], licence: str, citation: str, source: str,
    loader: Callable, options: Mapping[str, str] | None = None,
) -> tuple[str, DatasetRecord]:  # fmt: skip
    return name, DatasetRecord(
        name, title, task, splits, shape, classes, len(classes) or None, licence,
        citation, source, "nothing", loader, options or {},
    )  # fmt: skip


OFFLINE = [
    _offline(
        "digits", "Handwritten digits of 8 x 8 pixels", "classification",
        {"train": 1437, "test": 360}, (8, 8, 1), DIGITS, "CC BY 4.0",
        "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI 1998",
        "scikit-learn", _carried(carried.digits_split, seeded=True)),
    _offline(
        "faces", "Faces and other cuttings of photographs", "classification",
        {"train": 160, "test": 40}, (25, 25, 1), ("other", "face"),
        "for research, as Labeled Faces in the Wild",
        "Huang et al., Learning to Align from Scratch, NIPS 2012",
        "scikit-image, lfw_subset", _carried(carried.faces_split, seeded=True)),
    _offline(
        "textures", "Patches of brick, grass and gravel", "classification",
        {"train": 576, "test": 192}, (32, 32, 1), carried.TEXTURES, "CC0",
        "CC0Textures (Bricks25, Gravel04) and linolafett, DeviantArt (grass)",
        "scikit-image", _carried(carried.textures_split),
        {"patch_size": "pixels a side, at most 128 (32)",
         "stride": "pixels between patches (patch_size: they do not overlap)"}),
    _offline(
        "photographs", "Photographs of different sizes", "images",
        {"train": len(PHOTOGRAPHS) - len(carried.TEST_PHOTOGRAPHS),
         "test": len(carried.TEST_PHOTOGRAPHS)}, (None, None, 3), (),
        "CC0, CC BY 2.0, public domain and BSD: see PHOTOGRAPHS",
        "the photographers that PHOTOGRAPHS names", "scikit-image and scikit-learn",
        _carried(carried.photographs_split)),
    _offline(
        "stereo_motorcycle", "A motorcycle from two cameras, with the disparity",
        "flow", {"train": 1}, (500, 741, 3), (),
        "for research, as the Middlebury stereo data",
        "Scharstein et al., High-resolution Stereo Datasets with Subpixel-accurate "
        "Ground Truth, GCPR 2014",
        "scikit-image", _carried(carried.stereo_motorcycle_split)),
    _offline(
        "shapes", "Coloured shapes: classes, masks, boxes, captions, motion",
        "classification", SHAPE_PARTS, (64, 64, 3), SHAPES, PROCEDURAL, COURSE,
        "drawn by formula",
        _made(shapes_example, SHAPE_PARTS, sized=True),
        {"task": f"one of {', '.join(VIEWS)}",
         "factor": "for super-resolution, how much smaller the low resolution is (2)",
         **EXAMPLES_OPTION}),
    _offline(
        "voxels", "Solid bodies in a grid of voxels", "volumes", VOXEL_PARTS,
        (16, 16, 16, 1), BODIES, PROCEDURAL, COURSE, "drawn by formula",
        _made(voxels_example, VOXEL_PARTS),
        {"size": "voxels a side (16)", "noise": "share of voxels turned over (0.01)",
         **EXAMPLES_OPTION}),
    _offline(
        "reviews", "Film reviews from a grammar, where word order matters", "text",
        REVIEW_PARTS, (), SENTIMENTS, PROCEDURAL, COURSE, "written by a grammar",
        _made(reviews_example, REVIEW_PARTS), EXAMPLES_OPTION),
]  # fmt: skip

FASHION = (
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker",
    "bag", "ankle boot",
)  # fmt: skip
KMNIST = tuple("お き す つ な は ま や れ を".split())
CIFAR10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship",
    "truck",
)  # fmt: skip
IMAGENETTE = (
    "tench", "English springer", "cassette player", "chain saw", "church",
    "French horn", "garbage truck", "gas pump", "golf ball", "parachute",
)  # fmt: skip
VOC = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair",
    "cow", "dining table", "dog", "horse", "motorbike", "person", "potted plant",
    "sheep", "sofa", "train", "tv monitor",
)  # fmt: skip
NEWS = ("world", "sports", "business", "science and technology")
IDX_FILES = "the four idx files"
CIFAR_FILES = "the binary files or an .npz with x_train, y_train, x_test and y_test"


def _idx_or_tensorflow(name: str, source: TensorFlowSource, query: Query) -> Any:
    if query.data_dir is not None and any(
        find_idx(query.data_dir, split, kind)
        for split in ("train", "test")
        for kind in (1, 3)
    ):
        return idx_split(query.data_dir, query.split, name, **query.options)
    return tensorflow_split(source, query)


def _cifar_or_tensorflow(name: str, source: TensorFlowSource, query: Query) -> Any:
    if query.data_dir is not None and find_cifar(query.data_dir, name):
        return cifar_split(query.data_dir, query.split, name)
    return tensorflow_split(source, query)


LOADERS: Mapping[str, Callable] = {
    IDX_FILES: _idx_or_tensorflow,
    CIFAR_FILES: _cifar_or_tensorflow,
}


def _online(
    name: str, title: str, task: str, splits: Mapping[str, int], shape: tuple,
    classes: tuple[str, ...] | int, licence: str, citation: str,
    source: TensorFlowSource,
) -> tuple[str, DatasetRecord]:  # fmt: skip
    loader = (
        partial(LOADERS[source.files], name, source)
        if source.files
        else partial(tensorflow_split, source)
    )
    names, count = ((), classes) if isinstance(classes, int) else (classes, None)
    return name, DatasetRecord(
        name, title, task, splits, shape, names, count or len(names), licence, citation,
        f"TensorFlow Datasets, {source.builder}"
        + (f"; or data_dir with {source.files}" if source.files else ""),
        "network", loader, CHECKSUM if source.files == IDX_FILES else {},
        source.instead,
    )  # fmt: skip


def _mnist_like(
    name: str, title: str, classes: tuple[str, ...], licence: str, citation: str,
    url: str,
) -> tuple[str, DatasetRecord]:  # fmt: skip
    return _online(
        name, title, "classification", {"train": 60_000, "test": 10_000}, (28, 28, 1),
        classes, licence, citation, TensorFlowSource(name, url, files=IDX_FILES),
    )  # fmt: skip


ONLINE = [
    _mnist_like(
        "mnist", "Handwritten digits", DIGITS, "CC BY-SA 3.0",
        "LeCun, Bottou, Bengio and Haffner, Proc. IEEE 1998",
        "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    _mnist_like(
        "fashion_mnist", "Pieces of clothing", FASHION, "MIT",
        "Xiao, Rasul and Vollgraf, arXiv:1708.07747",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
    _mnist_like(
        "kmnist", "Cursive Japanese characters", KMNIST, "CC BY-SA 4.0",
        "Clanuwat et al., arXiv:1812.01718", "http://codh.rois.ac.jp/kmnist/"),
    _online(
        "emnist", "Handwritten letters and digits", "classification",
        {"train": 112_800, "test": 18_800}, (28, 28, 1), 47, "public domain (NIST)",
        "Cohen et al., arXiv:1702.05373",
        TensorFlowSource(
            "emnist/balanced", "https://biometrics.nist.gov/", transposed=True)),
    _online(
        "cifar10", "Small colour photographs", "classification",
        {"train": 50_000, "test": 10_000}, (32, 32, 3), CIFAR10, "not stated",
        "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
        TensorFlowSource(
            "cifar10", "https://www.cs.toronto.edu/~kriz/", instead="textures",
            files=CIFAR_FILES)),
    _online(
        "cifar100", "Small colour photographs of a hundred classes", "classification",
        {"train": 50_000, "test": 10_000}, (32, 32, 3), 100, "not stated",
        "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
        TensorFlowSource(
            "cifar100", "https://www.cs.toronto.edu/~kriz/", instead="shapes",
            files=CIFAR_FILES)),
    _online(
        "svhn", "House numbers, cut to single digits", "classification",
        {"train": 73_257, "test": 26_032, "extra": 531_131}, (32, 32, 3), DIGITS,
        "for non-commercial use", "Netzer et al., NIPS workshop 2011",
        TensorFlowSource("svhn_cropped", "http://ufldl.stanford.edu/housenumbers/")),
    _online(
        "caltech101", "Objects of 101 kinds and background", "classification",
        {"train": 3_059, "test": 6_085}, (None, None, 3), 102, "CC BY 4.0",
        "Fei-Fei, Fergus and Perona, CVPR workshop 2004",
        TensorFlowSource(
            "caltech101", "https://data.caltech.edu/", instead="shapes")),
    _online(
        "imagenette", "Ten classes of ImageNet that are easy to tell", "classification",
        {"train": 9_469, "validation": 3_925}, (None, None, 3), IMAGENETTE,
        "Apache-2.0; pictures as ImageNet", "Howard, fast.ai 2019",
        TensorFlowSource(
            "imagenette/160px-v2", "https://s3.amazonaws.com/fast-ai-imageclas/",
            instead="textures")),
    _online(
        "imagenet2012", "ImageNet, the challenge of 2012", "classification",
        {"train": 1_281_167, "validation": 50_000}, (None, None, 3), 1000,
        "for research, after registration", "Russakovsky et al., IJCV 2015",
        TensorFlowSource(
            "imagenet2012", "https://image-net.org/download-images",
            manual="ILSVRC2012_img_train.tar", instead="textures")),
    *(_online(
        f"voc{year}", f"PASCAL Visual Object Classes {year}", "detection", parts,
        (None, None, 3), VOC, "Flickr's terms", "Everingham et al., IJCV 2010",
        TensorFlowSource(
            f"voc/{year}", "http://host.robots.ox.ac.uk/", keys=None, instead="shapes"))
      for year, parts in (
        (2007, {"train": 2_501, "validation": 2_510, "test": 4_952}),
        (2012, {"train": 5_717, "validation": 5_823, "test": 10_991}))),
    _online(
        "imdb", "Long film reviews", "text",
        {"train": 25_000, "test": 25_000, "unsupervised": 50_000}, (), SENTIMENTS,
        "not stated", "Maas et al., ACL 2011",
        TensorFlowSource(
            "imdb_reviews/plain_text", "http://ai.stanford.edu/~amaas/",
            ("text", "label"), instead="reviews")),
    _online(
        "glue_sst2", "Phrases of film reviews, as GLUE has them", "text",
        {"train": 67_349, "validation": 872, "test": 1_821}, (), SENTIMENTS,
        "not stated", "Socher et al., EMNLP 2013; Wang et al., arXiv:1804.07461",
        TensorFlowSource(
            "glue/sst2", "https://dl.fbaipublicfiles.com/glue/", ("sentence", "label"),
            instead="reviews")),
    _online(
        "ag_news", "News by subject", "text", {"train": 120_000, "test": 7_600}, (),
        NEWS, "for non-commercial use", "Zhang, Zhao and LeCun, NIPS 2015",
        TensorFlowSource(
            "ag_news_subset", "https://drive.google.com/", ("description", "label"),
            instead="reviews")),
]  # fmt: skip


def _sentences(name: str, record: SentenceSet) -> tuple[str, DatasetRecord]:
    """The entry of one of Kim's sets: the user names its folder."""

    def load(query: Query) -> Any:
        return sentence_set_split(
            name, query.split, query.folder, seed=query.seed, **query.options
        )

    counts = {split: count for split, (_, count) in record.files.items()}
    if record.cross_validated:
        held_out = -(-counts["all"] // 10)
        counts = {"train": counts["all"] - held_out, "test": held_out}
    files = ", ".join(file for file, _ in record.files.values())
    return name, DatasetRecord(
        name, record.title, "text", counts, (), record.classes, len(record.classes),
        "not stated", f"{record.source}; Kim, EMNLP 2014", f"data_dir with {files}",
        "files", load,
        {**({"fold": FOLD} if record.cross_validated else {}), **CHECKSUM},
        "reviews",
    )  # fmt: skip


def _own(
    name: str, title: str, task: str, shape: tuple, source: str, loader: Callable,
    options: Mapping[str, str], instead: str,
) -> tuple[str, DatasetRecord]:  # fmt: skip
    return name, DatasetRecord(
        name, title, task, {}, shape, (), None, "yours", "yours", source, "files",
        loader,
        options, instead,
    )  # fmt: skip


FILES = [
    *(_sentences(name, record) for name, record in SENTENCE_SETS.items()),
    _own(
        "idx_files", "Your pictures in the format of MNIST", "classification",
        (None, None, 1), f"data_dir with {IDX_FILES}", _from_folder(idx_split), {},
        "digits"),
    _own(
        "text_files", "Your sentences with labels", "text", (),
        "data_dir with train.txt and test.txt, `label text` on each line",
        _from_folder(sentences_split),
        {"num_classes": "labels must be below it",
         "encoding": "of the files ('utf-8')"}, "reviews"),
    _own(
        "image_folder", "Your pictures, a folder for each class", "classification",
        (64, 64, 3), "data_dir with the classes' folders, or with train and test",
        _pictures_from_folder, {}, "textures"),
]  # fmt: skip

DATASETS: Catalogue[DatasetRecord] = Catalogue("data set", [*OFFLINE, *ONLINE, *FILES])
