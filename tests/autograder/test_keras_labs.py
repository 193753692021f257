"""Keras labs end to end, in the real sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import sandbox
from autograder.cells import Alternative, LabError
from autograder.course import Lab, find_course, read_lab
from autograder.examiner.diagnosis import diagnose
from autograder.examiner.material import Material
from autograder.examiner.proxies import Call
from autograder.made_up_class import answered
from autograder.record import Diagnosis, Result
from autograder.submission import Submission
from autograder.validate import validate
from autograder.worker import Worker

FULL = 12.0
CNN = "small_cnn"


@pytest.fixture(scope="module")
def lab() -> Lab:
    """The toy Keras lab."""
    return find_course(Path(__file__).parent / "toy_keras").lab("lab91")


@pytest.fixture(scope="module")
def worker(lab: Lab) -> Iterator[Worker]:
    """A worker in the real sandbox, shared by the module."""
    sandbox.require()
    running = Worker(lab)
    yield running
    running.close()


@pytest.fixture
def grade(worker: Worker, lab: Lab) -> Callable[..., Result]:
    """Grades a right submission but for the answers named by exercise."""

    def grade_one(**answers: str) -> Result:
        notebook = answered(lab, *(Alternative(e, e, s) for e, s in answers.items()))
        content = json.dumps(notebook).encode()
        return worker.grade(Submission(lab.name, "student", content))

    return grade_one


def failed(result: Result) -> set[str]:
    """The tests that a submission failed."""
    assert not result.needs_review
    return {t.grade_id for e in result.exercises for t in e.tests if not t.passed}


def test_validate_is_clean(lab: Lab) -> None:
    verdicts = validate(lab, jobs=1)
    assert [v.problem for v in verdicts] == [""] * len(verdicts)
    assert all(v.named for v in verdicts if v.kind == "mistake")


def test_twenty_submissions_in_a_row(grade: Callable[..., Result]) -> None:
    empty = dict.fromkeys(["residual", "predict", "freeze"], "")
    assert [grade(**empty).score for _ in range(20)] == [5.0] * 20


_RIGHT = """
def right(num_classes):
    return keras.Sequential([
        keras.Input((8, 8, 3)),
        keras.layers.Conv2D(4, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(), keras.layers.Flatten(),
        keras.layers.Dense(num_classes)])
"""
_WRONG = """
def wrong(num_classes):
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(),
                             keras.layers.Dense(num_classes)])
"""
_CLAIM = """
    def count_params(self):
        return 762 if self.n == 10 else 307
    def get_weights(self):
        return [np.zeros((3, 3, 3, 4)), np.zeros(4)]
"""
FAKES = {
    "an object": f"""
class Fake:
    def __init__(self, n):
        self.n, self.output_shape = n, (None, n)
{_CLAIM}
def small_cnn(num_classes):
    return Fake(num_classes)
""",
    "an object that is called Sequential": f"""
class Sequential:
    def __init__(self, n):
        self.n, self.output_shape = n, (None, n)
{_CLAIM}
def small_cnn(num_classes):
    return Sequential(num_classes)
""",
    "a model class of its own": f"""
class Model(keras.Sequential):
    n = 10
    output_shape = (None, 10)
{_CLAIM}
def small_cnn(num_classes):
    model = Model([keras.Input((8, 8, 3)), keras.layers.Flatten(),
                   keras.layers.Dense(num_classes)])
    model.n = num_classes
    return model
""",
    "a patched Keras": f"""
{_WRONG}
keras.Model.count_params = lambda self: 762
keras.Sequential.count_params = lambda self: 762 if self.output_shape[1] == 10 else 307
small_cnn = wrong
""",
    "a patched description": f"""
{_WRONG}
from autograder.candidate import models
def describe(things, inputs):
    size = 10**9
    config = {{"module": "keras.layers", "class_name": "Dense",
              "config": {{"units": size}},
              "build_config": {{"input_shape": [1, size]}}}}
    return {{"config": config, "weights": None}}
models.describe = describe
small_cnn = wrong
""",
    "a model with a lambda": f"""
{_RIGHT}
def small_cnn(num_classes):
    model = right(num_classes)
    model.add(keras.layers.Lambda(lambda x: x))
    return model
""",
    "gigabytes of weights": f"""
{_RIGHT}
from autograder.candidate import models
honest = models.describe
def describe(things, inputs):
    return {{**honest(things, inputs), "weights": [np.zeros(2**28)]}}
models.describe = describe
small_cnn = right
""",
    "a hang": f"""
{_RIGHT}
def small_cnn(num_classes):
    model = right(num_classes)
    def hang():
        while True:
            pass
    model.get_config = hang
    return model
""",
}


@pytest.mark.parametrize("answer", FAKES.values(), ids=FAKES.keys())
def test_a_fake_model_earns_nothing(answer: str, grade: Callable[..., Result]) -> None:
    assert "test_small_cnn" in failed(grade(small_cnn=answer))


def test_the_message_names_what_cannot_be_checked(grade: Callable[..., Result]) -> None:
    result = grade(small_cnn=FAKES["a model with a lambda"])
    (test, *_) = result.exercises[0].tests
    assert "Lambda" in test.message


def test_training_runs_in_a_submission(grade: Callable[..., Result]) -> None:
    answer = f"""
{_RIGHT}
trained = right(10)
trained.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = trained.fit(images, np.array([0, 1]), epochs=2, verbose=0)
assert len(history.history["loss"]) == 2
small_cnn = right
"""
    assert grade(small_cnn=answer).score == FULL


def test_what_is_withheld_is_not_there(grade: Callable[..., Result]) -> None:
    attempts = [
        "import tensorflow",
        "import keras.applications",
        "from keras.applications import VGG16",
        "from keras.src.applications.vgg16 import VGG16",
        "keras.applications.VGG16",
        "keras.layers.SeparableConv2D(1, 1)",
        "open(keras.__path__[0] + '/src/applications/vgg16.py')",
    ]
    answer = f"""
{_RIGHT}
found = []
for attempt in {attempts}:
    try:
        exec(attempt)
        found.append(attempt)
    except Exception:
        pass
assert not found, found
small_cnn = right
"""
    assert grade(small_cnn=answer).score == FULL


def test_a_hog_of_memory_is_stopped(grade: Callable[..., Result]) -> None:
    answer = "def predict(model, x):\n    return np.ones(2**30).argmax(keepdims=True)"
    assert failed(grade(predict=answer)) == {"test_predict"}


def test_a_model_larger_than_any_memory_fails_its_own_test(
    grade: Callable[..., Result],
) -> None:
    answer = """
def small_cnn(num_classes):
    layers = [keras.layers.UpSampling2D(4000) for _ in range(2)]
    return keras.Sequential([keras.Input((None, None, 3)), *layers])
"""
    wrong = {"test_small_cnn", "test_small_cnn_runs"}
    assert failed(grade(small_cnn=answer)) == wrong


def test_preload_of_another_package_is_refused(tmp_path: Path, lab: Lab) -> None:
    source = Path(__file__).parent / f"toy_keras/solutions/{lab.name}/{lab.name}.py"
    text = source.read_text().replace("preload: [keras]", "preload: [torch]")
    folder = tmp_path / lab.name
    folder.mkdir()
    (folder / source.name).write_text(text)
    expected = "Expected preload to be some of keras, sklearn. Received: torch"
    with pytest.raises(LabError, match=expected):
        read_lab(folder)


def test_what_a_lab_asks_for_is_loaded(lab: Lab) -> None:
    assert lab.preloaded == ("keras", "tensorflow")
    both = replace(lab, preload=("keras", "sklearn"))
    assert both.preloaded == ("keras", "tensorflow", "sklearn")


def test_what_a_mistake_answers_is_asked_once(lab: Lab) -> None:
    material = Material(lab)
    mistake = next(m for m in lab.mistakes if m.name == "softmax")
    namespace = material.mistaken(mistake)
    make, asked = namespace[CNN], []
    namespace[CNN] = lambda classes: asked.append(classes) or make(classes)
    for classes in (10, 3, 10):
        model = make(classes)
        call = Call(CNN, (classes,), {}, ("value", model, {}))
        found = diagnose(material, CNN, [[call]])
        assert found == Diagnosis(mistake.name, mistake.hint)
    assert asked == [10, 3]
