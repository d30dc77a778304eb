"""Compares what an output says was measured with what was recorded.

    python3 check_recorded.py OUTPUT TRUTH.npy [SHARE]

Every voxel that stands as measured must be as recorded, and at least SHARE of all voxels (0.9) must stand so.
"""

import sys

import h5py
import numpy


def main(output, truth, share="0.9"):
    recorded = numpy.load(truth)
    with h5py.File(output) as file:
        data, estimated, unusable = [file[f"entry/data/{name}"][...] for name in ("data", "inpainted", "data_mask")]
    if data.shape != recorded.shape:
        sys.exit(f"{output} is of {data.shape}, and {recorded.shape} were recorded")
    measured = numpy.broadcast_to((estimated == 0) & (unusable == 0), data.shape)
    wrong = measured & (data != recorded)
    if wrong.any():
        sys.exit(f"{wrong.sum()} voxels of {output} are not as recorded, the first {[int(a[0]) for a in wrong.nonzero()]}")
    if measured.mean() < float(share):
        sys.exit(f"only {measured.mean():.1%} of {output} stand as measured")
    print(f"{measured.mean():.1%} measured, all as recorded")


if __name__ == "__main__":
    main(*sys.argv[1:])
