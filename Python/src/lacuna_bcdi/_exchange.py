"""Arrays between Python and the program: uncompressed files in memory, mapped and not copied."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from typing import IO, Any

import h5py
import numpy as np

_SHARED_MEMORY = pathlib.Path("/dev/shm")
_PREFIX = "lacuna-bcdi-"


@contextlib.contextmanager
def directory(size: int) -> Iterator[pathlib.Path]:
    """A directory for files of so many bytes: in shared memory where there is room, else among temporary files.

    It goes when the block is left. What a killed process left behind goes with the next call.
    """
    in_memory = os.access(_SHARED_MEMORY, os.W_OK) and shutil.disk_usage(_SHARED_MEMORY).free > 1.1 * size
    parent = _SHARED_MEMORY if in_memory else pathlib.Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    made = pathlib.Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    # Whoever holds the lock lives.
    lock = os.open(made, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)


def _remove_abandoned(parent: pathlib.Path) -> None:
    for found in parent.glob(_PREFIX + "*"):
        with contextlib.suppress(OSError):
            if found.stat().st_uid != os.getuid() or time.time() - found.stat().st_mtime < 60:
                continue
            lock = os.open(found, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(found, ignore_errors=True)
            finally:
                os.close(lock)


def write(array: np.ndarray[Any, Any], path: pathlib.Path) -> None:
    """Writes an array as ``.npy`` in C order."""
    if array.dtype == bool:
        array = array.view(np.uint8)
    np.save(path, np.ascontiguousarray(array), allow_pickle=False)


def mapped(file: IO[bytes], dataset: h5py.Dataset) -> np.ndarray[Any, Any]:
    """The values of a dataset of an open file, read-only; mapped where they lie in one piece, else read."""
    offset = dataset.id.get_offset()
    if offset is None or offset % dataset.dtype.itemsize != 0 or dataset.size == 0:
        values = np.asarray(dataset[...])
        values.flags.writeable = False
        return values
    return np.asarray(np.memmap(file, dtype=dataset.dtype, mode="r", offset=offset, shape=dataset.shape))
