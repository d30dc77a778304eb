"""Filled scans as phase retrieval programs take them.

Each function takes a :class:`~lacuna_bcdi.Filled` or the path of a filled file. What each program does with estimates,
and which way is best, is told in Documentation/phasing.md of Lacuna.
"""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING, Any, Union

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lacuna_bcdi._filled import Filled

Source = Union["Filled", str, "os.PathLike[str]"]

_UNKNOWN = np.float32(-1.05e38)
_USUAL_INTERVAL = (0.5, 1.2)


def pynx_arrays(filled: Source) -> dict[str, NDArray[Any]]:
    """``data``, ``mask``, ``iobs``, ``errors`` and ``confidence_interval``, as ``lacuna inpaint --format pynx`` does.

    In ``iobs`` a measured voxel is its counts, an estimate -(estimate + 1)·1e19, an unknown voxel less than -1e38. PyNX
    has one interval of factors for all estimates; the one given holds two stated uncertainties up and down.
    """
    scan = _opened(filled)
    data = np.where(scan.mask, 0, scan.data).astype(np.float32)
    estimates = scan.inpainted & ~scan.mask
    iobs = np.where(scan.mask, _UNKNOWN, data)
    iobs[estimates] = -(data[estimates] + 1) * np.float32(1e19)
    stated = estimates & np.isfinite(scan.errors)
    values, errors = data[stated].astype(np.float64), scan.errors[stated].astype(np.float64)
    total = values.sum()
    interval = (
        (np.maximum(0, values - 2 * errors).sum() / total, (values + 2 * errors).sum() / total)
        if total > 0
        else _USUAL_INTERVAL
    )
    return {
        "data": data,
        "mask": scan.mask.astype(np.uint8),
        "iobs": iobs,
        "errors": scan.errors,
        "confidence_interval": np.array(interval, dtype=np.float32),
    }


def pynx(filled: Source, path: str | os.PathLike[str]) -> None:
    """Writes the ``.npz`` in which PyNX can tell estimates from measurements."""
    target = pathlib.Path(path)
    hidden = target.with_name(f".{target.name}.{os.getpid()}.npz")
    try:
        np.savez_compressed(hidden, **pynx_arrays(filled))  # type: ignore[arg-type]
        os.replace(hidden, target)
    finally:
        hidden.unlink(missing_ok=True)


def bcdi(filled: Source, stem: str | os.PathLike[str]) -> tuple[pathlib.Path, pathlib.Path]:
    """Writes ``<stem>_data.npz`` and ``<stem>_mask.npz`` for bcdi's ``reload_previous: True``."""
    scan = _opened(filled)
    paths = tuple(pathlib.Path(f"{os.fspath(stem)}_{name}.npz") for name in ("data", "mask"))
    np.savez(paths[0], np.where(scan.mask, 0, scan.data))
    np.savez(paths[1], scan.mask.astype(np.uint8))
    return paths[0], paths[1]


def cohere(filled: Source, directory: str | os.PathLike[str], *, intensity_threshold: float = 0) -> pathlib.Path:
    """Writes ``preprocessed_data/prep_data.tif`` of an experiment and has cohere prepare ``phasing_data`` from it.

    cohere knows no mask: estimates count as measured and unknown voxels as zero. Needs tifffile; where cohere_core is
    not installed, its step is left to cohere.
    """
    import tifffile

    scan = _opened(filled)
    experiment = pathlib.Path(directory)
    (experiment / "preprocessed_data").mkdir(parents=True, exist_ok=True)
    image = experiment / "preprocessed_data" / "prep_data.tif"
    tifffile.imwrite(image, np.where(scan.mask, 0, scan.data).astype(np.float32))
    try:
        from cohere_core.data import prep
    except ImportError:
        return image
    (experiment / "phasing_data").mkdir(exist_ok=True)
    prep(str(image), data_dir=str(experiment / "phasing_data"), intensity_threshold=intensity_threshold)
    return image


def convexad(filled: Source, path: str | os.PathLike[str], *, shape: tuple[int, int, int] | None = None) -> None:
    """Writes the ``.npz`` with the intensities ``I`` that ConvexAD reads, with the brightest voxel in the centre.

    ConvexAD knows no mask: estimates count as measured and unknown voxels as zero. The volume is the largest around the
    peak, or at most of the given shape; its sizes are even.
    """
    scan = _opened(filled)
    data = np.where(scan.mask, 0, scan.data).astype(np.float32)
    peak = np.unravel_index(data.argmax(), data.shape)
    halves = [min(at, size - at) for at, size in zip(peak, data.shape)]
    if shape is not None:
        halves = [min(half, size // 2) for half, size in zip(halves, shape)]
    np.savez(os.fspath(path), I=data[tuple(slice(at - half, at + half) for at, half in zip(peak, halves))])


def cdiutils(filled: Source, pipeline: Any) -> None:
    """Puts the filled volume in place of what the pipeline's ``preprocess()`` wrote for PyNX, cut as it was there."""
    from cdiutils.utils import CroppingHandler

    scan = _opened(filled)
    region = CroppingHandler.get_roi(
        pipeline.params["preprocess_shape"], pipeline.voi["full"]["ref"], scan.data.shape)  # fmt: skip
    cut = CroppingHandler.roi_list_to_slices(region)
    arrays = {"data": np.where(scan.mask, 0, scan.data), "mask": scan.mask.astype(np.uint8)}
    for name, values in arrays.items():
        np.savez(f"{pipeline.pynx_phasing_dir}S{pipeline.scan}_pynx_input_{name}.npz", data=values[cut])


def _opened(filled: Source) -> Filled:
    from lacuna_bcdi._filled import Filled, load

    return filled if isinstance(filled, Filled) else load(filled)
