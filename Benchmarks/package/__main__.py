"""What the Python call adds to the program's time, beside the same work through files, on the same array in turn.

Needs a release build and the Python package (pip install Python), or the wheel.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

PACKAGE = pathlib.Path(__file__).resolve().parents[2]
DETECTOR = "mpx1x4"


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/package", description=__doc__)
    parser.add_argument("--lacuna", type=pathlib.Path, default=PACKAGE / ".build/release/lacuna")
    parser.add_argument("--frames", type=int, default=201)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--method", default="network")
    options = parser.parse_args()
    os.environ["LACUNA_PROGRAM"] = str(options.lacuna.resolve())

    import numpy as np

    with tempfile.TemporaryDirectory(prefix="lacuna-", dir="/dev/shm") as memory, tempfile.TemporaryDirectory() as disk:
        made = run(options.lacuna, "simulate", "--output", memory, "--layout", "npz", "--detector", DETECTOR, "--no-truth",
            "--frames", options.frames)  # fmt: skip
        archive = made["scan_file"]
        counts = np.load(archive)["data"]
        pathlib.Path(archive).unlink()
        np.save(pathlib.Path(memory) / "scan.npy", counts)
        ways = {
            "the program": lambda: by_program(options, pathlib.Path(memory)),
            "the Python call": lambda: by_call(options, counts),
            "through files": lambda: by_files(options, counts, pathlib.Path(disk)),
        }
        # The first round fills caches and counts for nothing.
        rounds = [{name: way() for name, way in ways.items()} for _ in range(options.repeats + 1)][1:]

    print(f"{'x'.join(map(str, counts.shape))} {counts.dtype}, {options.method}, {options.repeats} rounds, {processor()}\n")
    print("| way | wall time | program's own | above it | above the program by hand |\n|---|---|---|---|---|")
    for name in ways:
        wall, own, above = (statistics.median(one[name][part] for one in rounds) for part in range(3))
        beside = [one[name][0] - one["the program"][0] for one in rounds]
        print(
            f"| {name} | {wall:.2f} s | {own:.2f} s | {above:.2f} s | {statistics.median(beside):+.2f} s"
            f" ({min(beside):+.2f} to {max(beside):+.2f}) |")


def by_program(options, directory):
    """From an uncompressed file in memory to another."""
    begin = time.perf_counter()
    report = run(
        options.lacuna, "inpaint", directory / "scan.npy", "--output", directory / "filled.h5", "--overwrite",
        "--detector", DETECTOR, "--method", options.method, "--compression", "none")  # fmt: skip
    return times(begin, report)


def by_call(options, counts):
    """From an array to arrays."""
    import lacuna_bcdi

    begin = time.perf_counter()
    filled = lacuna_bcdi.inpaint(counts, detector=DETECTOR, method=options.method, progress=False)
    result = times(begin, filled.report)
    assert filled.data.shape == counts.shape
    return result


def by_files(options, counts, directory):
    """From an array to arrays by way of compressed HDF5 files, as one would without the package."""
    import h5py

    begin = time.perf_counter()
    with h5py.File(directory / "scan.h5", "w") as file:
        file.create_dataset(
            "entry/data/data", data=counts, chunks=(1, *counts.shape[1:]), compression="gzip", compression_opts=1, shuffle=True)
    report = run(
        options.lacuna, "inpaint", directory / "scan.h5", "--output", directory / "filled.h5", "--overwrite",
        "--detector", DETECTOR, "--method", options.method)  # fmt: skip
    with h5py.File(directory / "filled.h5") as file:
        arrays = [file["entry/data"][name][...] for name in ("data", "data_errors", "inpainted", "data_mask")]
    assert arrays[0].shape == counts.shape
    return times(begin, report)


def times(begin, report):
    """Wall time, the time that the program reports, and what the wall time is above that."""
    wall, own = time.perf_counter() - begin, report["seconds"]["total"]
    return wall, own, wall - own


def run(lacuna, *arguments):
    command = [lacuna, *map(str, arguments), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout)


def processor():
    model = next(line for line in open("/proc/cpuinfo") if line.startswith("model name")).partition(":")[2].strip()
    return f"{os.cpu_count()} cores of {model}"


main()
