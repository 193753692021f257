"""Which classes a submission's model may be made of, by the module that names them.

None of them runs code of the submission, reads a file, or allocates before it is built.
"""

from __future__ import annotations


def _of_dimensions(*names: str) -> set[str]:
    return {f"{name}{n}D" for name in names for n in (1, 2, 3)}


LAYERS = {
    *_of_dimensions("Conv", "AveragePooling", "MaxPooling", "SpatialDropout"),
    *_of_dimensions("GlobalAveragePooling", "GlobalMaxPooling", "UpSampling"),
    *_of_dimensions("Cropping", "ZeroPadding"),
    *("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
    *("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
    *("Activation", "ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"),
    *("ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout"),
    *("GaussianNoise", "BatchNormalization", "GroupNormalization"),
    *("LayerNormalization", "RMSNormalization", "UnitNormalization"),
    *("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply"),
    *("Subtract", "Dense", "Embedding", "Flatten", "Identity", "InputLayer"),
    *("Masking", "Permute", "RepeatVector", "Reshape", "Rescaling", "Resizing"),
    *("Attention", "MultiHeadAttention", "CenterCrop", "RandomBrightness"),
    *("RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation"),
    *("RandomTranslation", "RandomZoom"),
}

INITIALIZERS = {
    *("Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform"),
    *("LecunNormal", "LecunUniform", "Ones", "Orthogonal", "RandomNormal"),
    *("RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros"),
}

OPTIMIZERS = {
    *("Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Lion", "Nadam"),
    *("RMSprop", "SGD"),
}

LOSSES = {
    *("BinaryCrossentropy", "CategoricalCrossentropy", "CosineSimilarity"),
    *("CategoricalHinge", "Hinge", "Huber", "KLDivergence", "MeanAbsoluteError"),
    *("MeanSquaredError", "SparseCategoricalCrossentropy", "SquaredHinge"),
}

METRICS = {
    *("Accuracy", "AUC", "BinaryAccuracy", "CategoricalAccuracy", "MeanIoU"),
    *("MeanAbsoluteError", "MeanSquaredError", "Precision", "Recall"),
    *("SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy"),
    *("TopKCategoricalAccuracy",),
}

# what `x + y` and `keras.ops.relu(x)` become in a model
ARITHMETIC = {
    *("Absolute", "Add", "Clip", "Concatenate", "Divide", "Exp", "ExpandDims"),
    *("GetItem", "Log", "Matmul", "Max", "Maximum", "Mean", "Min", "Minimum"),
    *("Moveaxis", "Multiply", "Negative", "Power", "Reshape", "Sqrt", "Square"),
    *("Squeeze", "Stack", "Subtract", "Sum", "Swapaxes", "Tanh", "Transpose"),
    *("TrueDivide",),
}
FUNCTIONS = {
    *("AveragePool", "Elu", "Gelu", "LeakyRelu", "LogSoftmax", "MaxPool", "Relu"),
    *("Relu6", "Selu", "Sigmoid", "Silu", "Softmax", "Softplus"),
}

MODELS = {"Functional", "Model", "Sequential"}

ALLOWED = {
    "keras": {"DTypePolicy", *MODELS},
    "keras.models": MODELS,
    "keras.src.models.functional": {"Functional"},
    "keras.layers": LAYERS,
    "keras.initializers": INITIALIZERS,
    "keras.regularizers": {"L1", "L1L2", "L2", "OrthogonalRegularizer"},
    "keras.constraints": {"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"},
    "keras.src.ops.numpy": ARITHMETIC,
    "keras.src.ops.nn": FUNCTIONS,
    "keras.optimizers": OPTIMIZERS,
    "keras.optimizers.schedules": {
        *("CosineDecay", "CosineDecayRestarts", "ExponentialDecay"),
        *("InverseTimeDecay", "PiecewiseConstantDecay", "PolynomialDecay"),
    },
    "keras.losses": LOSSES,
    "keras.metrics": METRICS,
}

DTYPES = {
    *("bfloat16", "bool", "float16", "float32", "float64", "int32", "int64"),
    *("mixed_bfloat16", "mixed_float16", "uint8"),
}
