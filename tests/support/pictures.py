"""Where the ink of a rendered page is."""

from __future__ import annotations

import struct
import zlib

DARK = 200
"""Below it a sample is ink."""


def ink(png: bytes) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of everything drawn, as parts of width and height (8-bit RGBA)."""
    width, height = struct.unpack(">II", png[16:24])
    assert png[24:26] == b"\x08\x06"
    rows = _rows(png, width * 4, height)
    marked = [
        (x, y)
        for y, row in enumerate(rows)
        for x in range(width)
        if min(row[4 * x : 4 * x + 3]) < DARK
    ]
    across, down = ([point[axis] for point in marked] for axis in (0, 1))
    return (
        min(across) / width,
        min(down) / height,
        (max(across) + 1) / width,
        (max(down) + 1) / height,
    )


def _rows(png: bytes, length: int, height: int) -> list[bytearray]:
    packed, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        packed += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw, above, rows = zlib.decompress(packed), bytearray(length), []
    for y in range(height):
        start = y * (length + 1)
        row = bytearray(raw[start + 1 : start + 1 + length])
        for x in range(length):
            left = row[x - 4] if x >= 4 else 0
            corner = above[x - 4] if x >= 4 else 0
            row[x] = (row[x] + _guess(raw[start], left, above[x], corner)) % 256
        rows.append(row)
        above = row
    return rows


def _guess(how: int, left: int, above: int, corner: int) -> int:
    if how < 3:
        return (0, left, above)[how]
    if how == 3:
        return (left + above) // 2
    return min((left, above, corner), key=lambda each: abs(left + above - corner - each))
