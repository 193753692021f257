"""What the layers of a convolutional network compute, in NumPy.

Arrays are channels-last and of float32 or float64, which is kept; no argument is
changed. Errors are `ValueError` and say what was expected and what was received.
"""

from cnncourse.ops.activations import (
    ACTIVATIONS,
    Activation,
    elu,
    elu_gradient,
    leaky_relu,
    leaky_relu_gradient,
    maxout,
    maxout_gradient,
    relu,
    relu_gradient,
    sigmoid,
    sigmoid_gradient,
    softmax,
    softmax_gradient,
    tanh,
    tanh_gradient,
)
from cnncourse.ops.convolution import (
    conv,
    conv_bias_gradient,
    conv_input_gradient,
    conv_kernel_gradient,
)
from cnncourse.ops.convolution_matrix import conv_matrix
from cnncourse.ops.dispatch import ALGORITHMS
from cnncourse.ops.geometry import flip
from cnncourse.ops.gradcheck import numerical_gradient, relative_error
from cnncourse.ops.initializers import fans, glorot, he
from cnncourse.ops.layer_table import (
    Convolution,
    Dense,
    Pooling,
    ReceptiveField,
    Row,
    layer_table,
    receptive_field,
)
from cnncourse.ops.locally_connected import (
    locally_connected,
    locally_connected_input_gradient,
    locally_connected_kernel_gradient,
)
from cnncourse.ops.losses import (
    mean_squared_error,
    mean_squared_error_gradient,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_gradient,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
)
from cnncourse.ops.normalization import (
    batch_norm,
    batch_norm_gradient,
    batch_statistics,
    local_response_norm,
    local_response_norm_gradient,
)
from cnncourse.ops.pooling import (
    average_pool,
    average_pool_gradient,
    max_pool,
    max_pool_gradient,
)
from cnncourse.ops.shapes import (
    extent,
    output_size,
    output_sizes,
    padding_pairs,
    transposed_output_sizes,
)

__all__ = [
    "ACTIVATIONS",
    "ALGORITHMS",
    "Activation",
    "Convolution",
    "Dense",
    "Pooling",
    "ReceptiveField",
    "Row",
    "average_pool",
    "average_pool_gradient",
    "batch_norm",
    "batch_norm_gradient",
    "batch_statistics",
    "conv",
    "conv_bias_gradient",
    "conv_input_gradient",
    "conv_kernel_gradient",
    "conv_matrix",
    "elu",
    "elu_gradient",
    "extent",
    "fans",
    "flip",
    "glorot",
    "he",
    "layer_table",
    "leaky_relu",
    "leaky_relu_gradient",
    "local_response_norm",
    "local_response_norm_gradient",
    "locally_connected",
    "locally_connected_input_gradient",
    "locally_connected_kernel_gradient",
    "max_pool",
    "max_pool_gradient",
    "maxout",
    "maxout_gradient",
    "mean_squared_error",
    "mean_squared_error_gradient",
    "numerical_gradient",
    "output_size",
    "output_sizes",
    "padding_pairs",
    "receptive_field",
    "relative_error",
    "relu",
    "relu_gradient",
    "sigmoid",
    "sigmoid_cross_entropy",
    "sigmoid_cross_entropy_gradient",
    "sigmoid_gradient",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_gradient",
    "softmax_gradient",
    "tanh",
    "tanh_gradient",
    "transposed_output_sizes",
]
