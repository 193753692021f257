from cnncourse.architectures.catalogue import create, outline
from cnncourse.architectures.counts import count_parameters, layer_rows


def test_parameters_are_those_of_keras_with_the_moving_statistics() -> None:
    assert outline("inception_v3").count_params() == 23_851_784


def test_the_auxiliary_head_has_the_parameters_of_the_published_one() -> None:
    model = outline("inception_v3", auxiliary_heads=True)
    # torchvision publishes 27,161,264, of which these are scales of normalisation
    scales = sum(
        layer.beta.shape[0] for layer in model.layers if layer.name.endswith("_bn")
    )
    assert count_parameters(model) + scales == 27_161_264
    assert model.output_shape == [(None, 1000)] * 2


def test_maps_are_as_large_as_table_1_says() -> None:
    rows = {row.name: row.output_shape for row in layer_rows(outline("inception_v3"))}
    found = {name: rows[f"{name}_concat"][1:] for name in SIZES}
    assert found == SIZES


SIZES = {
    "stage2_block1": (35, 35, 256),
    "stage2_block3": (35, 35, 288),
    "stage3_block1": (17, 17, 768),
    "stage3_block5": (17, 17, 768),
    "stage4_block1": (8, 8, 1280),
    "stage4_block3": (8, 8, 2048),
}


def test_it_takes_other_sizes_and_classes() -> None:
    model = create("inception_v3", (75, 107, 1), 4, width=0.125)
    assert model.output_shape == (None, 4)
