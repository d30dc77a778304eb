"""Fills hidden gaps with kriging and the network, and holds both against kriging in NumPy: the mean PCC of log(1+I) in
windows of 32 frames and rows along the gap. Needs NumPy, SciPy and h5py."""
import argparse
import json
import pathlib
import subprocess
import tempfile

import h5py
import numpy

import yardstick

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The form of each crystal, its pixels per fringe, the counts at the peak, and its strain in radians.
CRYSTALS = [
    ("wulff", 3.5, 1e4, 0.5), ("winterbottom", 3, 1e5, 2), ("cube", 4, 1e6, 1), ("random", 5, 1e5, 1.5),
    ("octahedron", 3.2, 3e4, 2.5), ("cube", 4.5, 1e6, 0.5), ("random", 6, 3e5, 4), ("winterbottom", 2.5, 2e5, 1),
    ("wulff", 3.6, 3e6, 3), ("octahedron", 5.5, 1e4, 0.2), ("wulff", 6, 1e5, 6), ("random", 4, 1e7, 2),
]
SIDE = 32


def crystals(lacuna, directory):
    for number, (form, oversampling, counts, strain) in enumerate(CRYSTALS):
        path = f"{directory}/{number}"
        subprocess.run(
            [lacuna, "simulate", "--output", path, "--layout", "npz", "--frames", "112", "--roi", "128", "128",
             "--crystal", form, "--oversampling", str(oversampling), "--counts", str(counts), "--strain", str(strain),
             "--seed", str(number)], check=True, capture_output=True)
        with h5py.File(f"{path}/truth.h5") as file:
            yield f"{form} {counts:.0e}", file["counts"][()]


def gap(counts, width, draw):
    """Some columns 4 to 18 pixels beside the peak."""
    peak = numpy.unravel_index(counts.argmax(), counts.shape)[2]
    distance = int(draw.integers(4, 18))
    start = peak + distance if draw.random() < 0.5 else peak - distance - width
    start = int(numpy.clip(start, 12, counts.shape[2] - 12 - width))
    return slice(start, start + width)


def inpaint(lacuna, counts, columns, method, directory):
    mask = numpy.zeros(counts.shape[1:], "u1")
    mask[:, columns] = 1
    gapped = counts.astype("u4")
    gapped[:, :, columns] = 0
    numpy.savez(f"{directory}/scan.npz", data=gapped, mask=mask)
    subprocess.run(
        [lacuna, "inpaint", f"{directory}/scan.npz", "--detector", "none", "--method", method, "--overwrite",
         "--output", f"{directory}/filled.h5"], check=True, capture_output=True)
    with h5py.File(f"{directory}/filled.h5") as file:
        return file["entry/data/data"][()]


def correlation(truth, filled, columns):
    """The mean over windows with counts in a quarter of the hidden voxels; None without any."""
    truth, filled = numpy.log1p(truth[:, :, columns]), numpy.log1p(filled[:, :, columns])
    found = []
    for frame in range(0, truth.shape[0] - SIDE + 1, SIDE // 2):
        for row in range(0, truth.shape[1] - SIDE + 1, SIDE // 2):
            window = (slice(frame, frame + SIDE), slice(row, row + SIDE))
            if (truth[window] > 0).mean() >= 0.25:
                found.append(numpy.corrcoef(truth[window].ravel(), filled[window].ravel())[0, 1])
    return numpy.mean(found) if found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lacuna", default=ROOT / ".build/release/lacuna", type=pathlib.Path)
    parser.add_argument("--widths", default="3,6,9,12,20,38", help="of the gaps, in pixels")
    parser.add_argument("--data", type=pathlib.Path, help="a measured stack, `data` in an .npz, instead of crystals")
    parser.add_argument("--methods", default="kriging,network")
    arguments = parser.parse_args()
    widths = [int(width) for width in arguments.widths.split(",")]
    methods = arguments.methods.split(",")
    with tempfile.TemporaryDirectory(prefix="lacuna-accuracy-") as directory:
        if arguments.data:
            scans = [(arguments.data.stem, numpy.load(arguments.data)["data"])]
        else:
            scans = crystals(arguments.lacuna, directory)
        print(f"{'scan':20}{'pixels':>7}{'yardstick':>11}" + "".join(f"{method:>9}" for method in methods))
        means = {width: [] for width in widths}
        for name, counts in scans:
            for width in widths:
                columns = gap(counts, width, numpy.random.default_rng([width, len(name)]))
                gapped = counts.copy()
                gapped[:, :, columns] = 0
                fills = [yardstick.fill(gapped, columns)]
                fills += [inpaint(arguments.lacuna, counts, columns, method, directory) for method in methods]
                found = [correlation(counts, filled, columns) for filled in fills]
                if None in found:
                    continue
                means[width].append(found)
                print(f"{name:20}{width:7}{found[0]:11.4f}" + "".join(f"{value:9.4f}" for value in found[1:]), flush=True)
        for width, found in means.items():
            if found:
                print(f"{'mean':20}{width:7}" + "".join(f"{value:10.4f}" for value in numpy.mean(found, 0)))


if __name__ == "__main__":
    main()
