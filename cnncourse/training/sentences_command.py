"""`cnncourse train sentence_cnn`: the paper's recipe, with cross-validation."""

import argparse
from pathlib import Path

NAME = "sentence_cnn"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that only this net has to those of `cnncourse train`."""
    group = parser.add_argument_group(f"of {NAME} alone")
    group.add_argument(
        "--variant",
        default="rand",
        choices=["rand", "static", "non-static", "multichannel"],
    )
    group.add_argument(
        "--vectors", help="file of word vectors, for all variants but rand"
    )
    group.add_argument(
        "--trials", type=int, help="how many folds or seeds; by default 10 or 3"
    )
    group.add_argument(
        "--patience", type=int, help="end after so many epochs without a better one"
    )
    group.add_argument(
        "--word-dropout",
        type=float,
        help="share of the words that training replaces by the unknown one",
    )
    group.add_argument("--keep-models", action="store_true", help="also save the nets")


def run(options: argparse.Namespace) -> int:
    """Trains what is missing in the folder, and prints the mean.

    Args:
        options: those of `cnncourse train` with those of `add_options`.

    Returns:
        The exit status: 1 if it was interrupted.
    """
    from cnncourse.training.sentence_trials import run_trials
    from cnncourse.training.sentences import SentenceRecipe

    given = {
        "vectors": options.vectors,
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "patience": options.patience,
        "word_dropout": options.word_dropout,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    recipe = SentenceRecipe(options.variant, **chosen)
    published = SentenceRecipe(options.variant, options.vectors)
    default = f"{NAME}-{options.variant}-{options.dataset}-{options.seed}"
    folder = options.folder or Path("runs") / default
    if options.again:
        for file in folder.glob("*_*.json"):
            file.unlink()
    print("recipe: Kim 2014, section 3.1, and the author's published program")
    if changed := {n: v for n, v in chosen.items() if getattr(published, n) != v}:
        print(f"changed: {', '.join(f'{n}={v}' for n, v in changed.items())}")
    try:
        trials = run_trials(
            options.dataset,
            recipe,
            folder,
            options.data_dir,
            options.trials,
            options.seed,
            options.keep_models,
        )
    except KeyboardInterrupt:
        print(f"interrupted; the same command goes on with what is missing in {folder}")
        return 1
    print(trials)
    print(f"results: {folder}")
    return 0
