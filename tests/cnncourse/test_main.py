"""The `cnncourse` command."""

import pytest

from cnncourse import doctor
from cnncourse.__main__ import main


@pytest.mark.parametrize("status", [0, 1])
def test_doctor_gives_its_exit_status(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(doctor, "report", lambda: status)
    assert main(["doctor"]) == status


@pytest.mark.parametrize("arguments", [[], ["surgeon"]])
def test_wrong_usage(arguments: list, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: cnncourse" in capsys.readouterr().err
