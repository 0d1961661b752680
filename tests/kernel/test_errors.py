"""What a log may say of an error: its kind and its place, never its message."""

from __future__ import annotations

from shared.kernel.errors import kind_and_place


def test_message_of_an_error_is_not_repeated() -> None:
    try:
        int("110101199003070000x")
    except ValueError as error:
        said = kind_and_place(error)
    assert said.startswith(f"builtins.ValueError at {__name__}:")
    assert "1990" not in said


def test_error_that_was_never_raised_has_a_kind_only() -> None:
    assert kind_and_place(KeyError("11")) == "builtins.KeyError"
