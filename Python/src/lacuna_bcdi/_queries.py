"""What the program knows and what it sees in a file."""

from __future__ import annotations

import os
import pathlib
import tempfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lacuna_bcdi import _program


def detectors() -> list[dict[str, Any]]:
    """The known detectors: name, shape, pixel size in metres, gaps and where they are described.

    >>> [found["shape"] for found in detectors() if found["name"] == "maxipix-2x2"]
    [[516, 516]]
    """
    found: list[dict[str, Any]] = _program.run(["detectors", "--json"])["detectors"]
    return found


def mask(detector: str | os.PathLike[str], *, scan: int | None = None) -> NDArray[np.bool_]:
    """The gap mask of a detector, or of the detector that recorded a file: True in gaps and other bad pixels.

    >>> gaps = mask("maxipix-2x2")
    >>> gaps.shape, gaps.dtype.name, bool(gaps[258, 10])
    ((516, 516), 'bool', True)
    """
    with tempfile.TemporaryDirectory(prefix="lacuna-bcdi-mask-") as directory:
        output = pathlib.Path(directory) / "mask.npy"
        arguments = ["mask", os.fspath(detector), "--output", str(output)]
        _program.run(arguments + (["--scan", str(scan)] if scan is not None else []))
        gaps: NDArray[np.bool_] = np.load(output).astype(bool)
        return gaps


def inspect(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What is recognised in a file: layout, scans, detector and by which evidence, completeness, gaps.

    The same object as ``lacuna inspect --json`` prints.
    """
    found: dict[str, Any] = _program.run(["inspect", os.fspath(path), "--json"])
    return found
