"""What our builders for TensorFlow Datasets share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow_datasets as tfds

if TYPE_CHECKING:
    import tensorflow as tf

ARRAY_RECORD = tfds.core.FileFormat.ARRAY_RECORD


class CourseBuilder(  # type: ignore[call-arg]
    tfds.core.GeneratorBasedBuilder, skip_registration=True
):
    """A builder whose `tfds.load` reads both formats.

    TensorFlow Datasets itself reads ArrayRecord with `tfds.data_source` alone, which
    gives any example by its number.
    """

    VERSION = tfds.core.Version("1.0.0")

    def _as_dataset(self, split: Any, *args: Any, **options: Any) -> tf.data.Dataset:
        if self.info.file_format != ARRAY_RECORD:
            return super()._as_dataset(split, *args, **options)
        import tensorflow as tf

        source = self.as_data_source(split=split)
        dataset = tf.data.Dataset.from_generator(
            lambda: (source[index] for index in range(len(source))),
            output_signature=self.info.features.get_tensor_spec(),
        )
        return dataset.apply(tf.data.experimental.assert_cardinality(len(source)))
