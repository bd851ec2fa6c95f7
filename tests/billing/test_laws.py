import importlib

import pytest

from .laws import LAWS, main


class TestLaws:
    @pytest.mark.parametrize("test", LAWS.values())
    def test_are_each_a_test_on_random_histories(self, test: str) -> None:
        path, name, function = test.split("::")

        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))

        assert getattr(getattr(module, name), function).is_hypothesis_test

    def test_are_named_by_their_words(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["no such word"]) == 2
        assert "all are tried" in capsys.readouterr().out

    def test_are_distinct(self) -> None:
        assert len(set(LAWS.values())) == len(LAWS) >= 20
        assert all(test.startswith("tests/") for test in LAWS.values())
