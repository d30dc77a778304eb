"""Makes the HDF5 files of types that no detector writes: python make.py (needs h5py).

What breaks the HDF5 library itself, crash.h5 and endless.h5, was found by Benchmarks/fuzzing.
"""

import h5py
import numpy

SHAPE = (4, 24, 32)
TYPES = {
    "complex": numpy.complex64,
    "compound": numpy.dtype([("counts", "<u4"), ("time", "<f8")]),
    "text": numpy.dtype("S4"),
}

for name, dtype in TYPES.items():
    with h5py.File(f"{name}.h5", "w", libver=("earliest", "v108")) as file:
        detector = file.create_group("entry/instrument/detector")
        detector.attrs["NX_class"] = "NXdetector"
        detector.create_dataset("data", data=numpy.zeros(SHAPE, dtype), chunks=SHAPE, compression="gzip")
