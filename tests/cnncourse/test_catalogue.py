"""An ordered table that refuses duplicates and helps with misspelt names."""

import pytest

from cnncourse.catalogue import Catalogue, UnknownNameError

NETS = Catalogue("net", [("lenet", 1998), ("alexnet", 2012), ("vgg", 2014)])


def test_is_a_mapping_in_the_order_of_definition() -> None:
    assert list(NETS) == ["lenet", "alexnet", "vgg"]
    assert list(NETS.items())[1] == ("alexnet", 2012)
    assert len(NETS) == 3 and NETS["vgg"] == 2014
    assert "vgg" in NETS and "resnet" not in NETS and [] not in NETS
    assert NETS.get("resnet") is None
    assert repr(NETS) == "Catalogue('net': lenet, alexnet, vgg)"


def test_unknown_name_says_what_there_is_and_what_was_meant() -> None:
    with pytest.raises(KeyError) as caught:
        NETS["alexnett"]
    assert isinstance(caught.value, UnknownNameError)
    assert str(caught.value) == (
        "Expected one of 'lenet', 'alexnet', 'vgg' as net. Did you mean 'alexnet' or "
        "'lenet'? Received: 'alexnett'"
    )
    with pytest.raises(KeyError, match=r"as net. Received: 3"):
        NETS[3]  # type: ignore[index]


def test_duplicates_are_refused() -> None:
    with pytest.raises(ValueError, match=r"own name. Received: 'a' twice"):
        Catalogue("net", [("a", 1), ("b", 2), ("a", 3)])


def test_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        NETS["resnet"] = 2015  # type: ignore[index]
    with pytest.raises(TypeError, match="does not support item deletion"):
        del NETS["vgg"]  # type: ignore[attr-defined]
