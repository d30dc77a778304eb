"""Filling the gaps of a scan."""

from __future__ import annotations

import os
import pathlib
from typing import Any, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lacuna_bcdi import _exchange, _program, _progress
from lacuna_bcdi._filled import Filled
from lacuna_bcdi._queries import inspect

Path = Union[str, "os.PathLike[str]"]


def inpaint(
    array_or_path: ArrayLike | Path,
    *,
    mask: ArrayLike | Path | None = None,
    detector: str | None = "auto",
    scan: int | None = None,
    dataset: str | None = None,
    method: str = "network",
    fine_tune: str = "off",
    threads: int = 0,
    progress: bool = True,
) -> Filled:
    """Fills the gaps of one scan.

    Args:
        array_or_path: counts as an array of (frame, row, column), or a file that the program reads: BLISS, Lima, NeXus,
            CXI, ``.npz``, ``.npy``.
        mask: 2D or 3D, non-zero = fill, as an array or a file (``file.h5::/path`` names a dataset). Replaces the
            detector's mask; with a named detector, both count.
        detector: a name of ``detectors()``, "auto" to recognise it, or None for a scan with a mask alone.
        scan: one scan of a file that holds several.
        dataset: path of the stack in an HDF5 file.
        method: "network" (the best that ships), "kriging", "linear", "cubic" or "nearest".
        fine_tune: "off", "auto" or "always": whether the network learns from gap-free parts of the scan.
        threads: processor cores to use; 0 for all.
        progress: whether a bar is shown.

    Raises:
        LacunaError: one of its subclasses, with the program's message.

    >>> counts = np.random.default_rng(1).poisson(20, size=(12, 64, 64)).astype(np.uint16)
    >>> gap = np.zeros((64, 64), dtype=bool)
    >>> gap[:, 30:34] = True
    >>> filled = inpaint(counts, mask=gap, detector=None, method="kriging", progress=False)
    >>> filled.detector, int(filled.inpainted.sum()), int(filled.mask.sum())
    (None, 3072, 0)
    """
    counts = None if isinstance(array_or_path, (str, os.PathLike)) else np.asarray(array_or_path)
    voxels = counts.size if counts is not None else _voxels_of_file(array_or_path)
    # Data and uncertainties as float64 and float32 at most, and two masks.
    size = voxels * (14 + (counts.itemsize if counts is not None else 0))
    with _exchange.directory(size) as directory:
        if counts is not None:
            source = str(directory / "array.npy")
            _exchange.write(counts, pathlib.Path(source))
        else:
            source = os.fspath(array_or_path)  # type: ignore[arg-type]
        output = directory / "filled.h5"
        report = fill(
            source, output, mask=_mask_file(mask, directory), detector=detector, scan=scan, dataset=dataset,
            method=method, fine_tune=fine_tune, threads=threads, progress=progress, compression="none",
        )
        return Filled._of_program(output, report)


def fill(
    source: str,
    output: Path,
    *,
    mask: str | None = None,
    detector: str | None = "auto",
    scan: int | None = None,
    dataset: str | None = None,
    method: str = "network",
    fine_tune: str = "off",
    threads: int = 0,
    progress: bool = False,
    compression: str = "gzip",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Fills a file's scan into another file and returns the program's report."""
    arguments = ["inpaint", source, "--output", os.fspath(output), "--json", "--piped"]
    options = {
        "--mask": mask, "--detector": detector or "none", "--scan": scan, "--dataset": dataset, "--method": method,
        "--fine-tune": fine_tune, "--threads": threads, "--compression": compression,
    }  # fmt: skip
    for name, value in options.items():
        if value is not None:
            # One word, so that a value may begin with a dash.
            arguments.append(f"{name}={value}")
    if overwrite:
        arguments.append("--overwrite")
    with _progress.bar(progress) as shown:
        report: dict[str, Any] = _program.run(arguments, shown)
    return report


def _voxels_of_file(path: Any) -> int:
    shapes: list[list[int]] = [found["shape"] for found in inspect(path)["scans"] if found.get("shape")]
    return max((int(np.prod(shape)) for shape in shapes), default=0)


def _mask_file(mask: ArrayLike | Path | None, directory: pathlib.Path) -> str | None:
    if mask is None:
        return None
    if isinstance(mask, (str, os.PathLike)):
        return os.fspath(mask)
    values: NDArray[np.bool_] = np.asarray(mask) != 0
    _exchange.write(values, directory / "mask.npy")
    return str(directory / "mask.npy")
