"""Files of a data folder are for the account of the service alone."""

from __future__ import annotations

from pathlib import Path

from shared.kernel import private


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_our_files_of_a_folder_are_closed(tmp_path: Path) -> None:
    ours, other = tmp_path / "intake.db", tmp_path / "notes.txt"
    for path in (ours, other):
        path.write_text("x", "utf-8")
        path.chmod(0o644)
    tmp_path.chmod(0o755)
    private.close_to_others(tmp_path)
    assert (mode(tmp_path), mode(ours), mode(other)) == (0o700, 0o600, 0o644)


def test_file_that_is_there_stays_unless_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "one"
    private.write_private(path, "first")
    private.write_private(path, "second", over=False)
    assert path.read_text("utf-8") == "first"
    private.write_private(path, "third")
    assert path.read_text("utf-8") == "third"
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)
