"""Layers of the papers that Keras lacks. All can be saved, on any backend."""

from cnncourse.architectures.layers.column_max_norm import ColumnMaxNorm
from cnncourse.architectures.layers.correlation import Correlation
from cnncourse.architectures.layers.local_response_normalization import (
    LocalResponseNormalization,
)
from cnncourse.architectures.layers.locally_connected import LocallyConnected2D
from cnncourse.architectures.layers.max_over_time import MaxOverTime
from cnncourse.architectures.layers.maxout import Maxout
from cnncourse.architectures.layers.radial_basis import RadialBasis
from cnncourse.architectures.layers.scaled_tanh import ScaledTanh
from cnncourse.architectures.layers.subsampling import Subsampling
from cnncourse.architectures.layers.table_convolution import TableConv2D
from cnncourse.architectures.layers.word_embedding import WordEmbedding

__all__ = [
    "ColumnMaxNorm",
    "Correlation",
    "LocalResponseNormalization",
    "LocallyConnected2D",
    "MaxOverTime",
    "Maxout",
    "RadialBasis",
    "ScaledTanh",
    "Subsampling",
    "TableConv2D",
    "WordEmbedding",
]
