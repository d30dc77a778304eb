"""A filled scan."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import tempfile
from typing import IO, Any

import h5py
import numpy as np
from numpy.typing import NDArray

from lacuna_bcdi import _exchange, _picture

_VOXELS = ("data", "data_errors")


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Filled:
    """A scan whose gaps are filled. The arrays have the scan's shape and are read-only; copy one to change it."""

    data: NDArray[Any]
    """Counts, measured voxels exactly as recorded; float32, or float64 where counts are above 2^24."""
    errors: NDArray[np.float32]
    """Standard uncertainty of each voxel in counts, where filled of the count that would be measured; not a number where
    the method states none."""
    inpainted: NDArray[np.bool_]
    """True where the value is an estimate."""
    mask: NDArray[np.bool_]
    """True where a voxel is neither measured nor filled."""
    quality: dict[str, float | None]
    """How well hidden gaps beside the real ones were filled: ``pcc``, ``misfit``, ``samples`` …"""
    detector: str | None
    """The detector's name; None where it is not known."""
    report: dict[str, Any]
    """What the program reports: method, model, seconds, remarks …"""
    _file: IO[bytes] = dataclasses.field(repr=False)

    @classmethod
    def _of_program(cls, path: pathlib.Path, report: dict[str, Any]) -> Filled:
        """A file that the program wrote, which may be removed afterwards."""
        # Unlike a path, an open file stays what it is when the directory goes.
        file = open(path, "rb")
        try:
            with h5py.File(file, "r") as opened:
                group = opened["entry/data"]
                data, errors = (_exchange.mapped(file, group[name]) for name in _VOXELS)
                masks = [_exchange.mapped(file, group[name]).astype(bool) for name in ("inpainted", "data_mask")]
        except BaseException:
            file.close()
            raise
        inpainted, mask = (np.broadcast_to(values, data.shape) for values in masks)
        return cls(data, errors, inpainted, mask, report["quality"], report["detector"], report, file)

    def interval(self, share: float = 0.683) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper limits of the counts that would be measured where the scan was filled; needs SciPy.

        Between them lies this share of the counts, as many below as above. The arrays have one value for each voxel of
        ``data[inpainted & ~mask]``. A count follows a negative binomial law of mean ``data`` and standard deviation
        ``errors``: photons of an intensity that scatters as that of speckle does (Goodman 1985, Statistical Optics).

        >>> import lacuna_bcdi
        >>> counts = np.random.default_rng(1).poisson(5.0, (12, 48, 48)).astype(np.uint16)
        >>> mask = np.zeros((48, 48), dtype=np.uint8)
        >>> mask[:, 20:24] = 1
        >>> filled = lacuna_bcdi.inpaint(counts, mask=mask, detector=None, method="kriging", progress=False)
        >>> lower, upper = filled.interval(0.95)
        >>> bool((lower <= upper).all() and lower.min() >= 0)
        True
        """
        from scipy import stats

        estimates = self.inpainted & ~self.mask
        mean, deviation = (values[estimates].astype(np.float64) for values in (self.data, self.errors))
        excess = deviation**2 - mean
        tail = (1 - share) / 2
        limits = []
        for chance in (tail, 1 - tail):
            limit = stats.poisson.ppf(chance, mean)
            scattered = (excess > 1e-6 * mean) & (mean > 0)
            shape = mean[scattered] ** 2 / excess[scattered]
            limit[scattered] = stats.nbinom.ppf(chance, shape, shape / (shape + mean[scattered]))
            limit[np.isnan(deviation)] = np.nan
            limits.append(limit)
        return limits[0], limits[1]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the scan: a NeXus file as the program writes it, or the archive for PyNX where the name ends in .npz.

        A file of that name is replaced once the new one is complete.

        >>> import lacuna_bcdi, tempfile, pathlib
        >>> counts = np.full((12, 516, 516), 7, dtype=np.uint16)
        >>> filled = lacuna_bcdi.inpaint(counts, detector="maxipix-2x2", method="linear", progress=False)
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     filled.save(pathlib.Path(directory) / "filled.h5")
        ...     bool((lacuna_bcdi.load(pathlib.Path(directory) / "filled.h5").data == filled.data).all())
        True
        """
        target = pathlib.Path(path)
        if target.suffix == ".npz":
            from lacuna_bcdi import export

            export.pynx(self, target)
            return
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix="." + target.name, suffix=".partial") as partial:
            self._write(partial.name)
            os.chmod(partial.name, 0o666 & ~_umask())
            with open(partial.name, "rb") as written:
                os.fsync(written.fileno())
            os.replace(partial.name, target)
            # What NamedTemporaryFile would remove has its final name now.
            pathlib.Path(partial.name).touch()

    def _write(self, path: str) -> None:
        """Copies the file; voxels that lie there uncompressed are compressed as the program would."""
        with h5py.File(self._file, "r") as source:
            if source["entry/data/data"].chunks is not None:
                self._file.seek(0)
                with open(path, "wb") as copy:
                    shutil.copyfileobj(self._file, copy)
                return
            with h5py.File(path, "w") as copied:
                _copy(source, copied)

    def preview(self) -> Any:
        """The three sections through the peak, before and after, as a figure of matplotlib."""
        return _picture.sections(self.data, self.inpainted | self.mask, self.mask, str(self))

    def _repr_png_(self) -> bytes:
        """What Jupyter shows."""
        return _picture.png(self.preview())

    def __str__(self) -> str:
        pcc = self.quality.get("pcc")
        shape = "x".join(map(str, self.data.shape))
        figures = "" if pcc is None else f", PCC {pcc:.3f}"
        return f"{shape}, {self.detector or 'no detector'}, {self.report['method']}{figures}"

    def __repr__(self) -> str:
        return f"<Filled {self}>"


def load(path: str | os.PathLike[str]) -> Filled:
    """Opens a file that the program or :meth:`Filled.save` wrote."""
    with h5py.File(path, "r") as file:
        process = file["entry/inpainting"]
        quality = {name: _number(value) for name, value in process["quality"].items()} if "quality" in process else {}
        detector = file.get("entry/instrument/detector/local_name")
        name = None if detector is None else detector.asstr()[()]
        method = process["parameters/method"].asstr()[()]
        gaps = [{key: _value(value) for key, value in gap.items()} for gap in process.get("gaps", {}).values()]
    report = {"output": os.fspath(path), "method": method, "quality": quality, "detector": name, "gaps": gaps}
    return Filled._of_program(pathlib.Path(path), report)


def _value(value: h5py.Dataset) -> Any:
    return value.asstr()[()] if h5py.check_string_dtype(value.dtype) else value[()].item()


def _number(value: h5py.Dataset) -> float:
    number: float = value[()].item()
    return number


def _copy(source: h5py.File, target: h5py.File) -> None:
    for name, value in source.attrs.items():
        target.attrs[name] = value
    for name in source:
        link = source.get(name, getlink=True)
        if isinstance(link, h5py.SoftLink):
            target[name] = link
        elif name == "entry":
            _copy_entry(source[name], target.create_group(name, track_order=False))
        else:
            source.copy(source[name], target, name=name)


def _copy_entry(source: h5py.Group, target: h5py.Group) -> None:
    for name, value in source.attrs.items():
        target.attrs[name] = value
    for name in source:
        if name != "data":
            source.copy(source[name], target, name=name, expand_soft=False)
            continue
        group = target.create_group(name)
        for attribute, value in source[name].attrs.items():
            group.attrs[attribute] = value
        for member in source[name]:
            if member in _VOXELS:
                _compress(source[name][member], group, member)
            else:
                source.copy(source[name][member], group, name=member)


def _compress(source: h5py.Dataset, group: h5py.Group, name: str) -> None:
    dataset = group.create_dataset(
        name, shape=source.shape, dtype=source.dtype, chunks=(1, *source.shape[1:]), shuffle=True, compression="gzip",
        compression_opts=1,
    )  # fmt: skip
    for attribute, value in source.attrs.items():
        dataset.attrs[attribute] = value
    for frame in range(source.shape[0]):
        dataset[frame] = source[frame]


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
