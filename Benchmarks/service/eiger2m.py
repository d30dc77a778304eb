"""A full Eiger2M scan against the simplest program that reads and writes it."""

import json
import os
import statistics
import subprocess
import sys
import time

from daemon import simulate

REPEATS = 5
COPIES = {
    "bitshuffle-LZ4": "hdf5plugin.Bitshuffle()",
    "gzip 1 + shuffle": 'compression="gzip", compression_opts=1, shuffle=True',
}
COPY = """
import sys, time
import h5py, hdf5plugin
begin = time.monotonic()
with h5py.File(sys.argv[1]) as source, h5py.File(sys.argv[2], "w") as copy:
    frames = source[sys.argv[3]]
    written = copy.create_dataset(
        "data", shape=frames.shape, dtype=frames.dtype, chunks=(1, *frames.shape[1:]), {options})
    for index in range(frames.shape[0]):
        written[index] = frames[index]
print(time.monotonic() - begin)
"""


def measure(lacuna, directory):
    scan = simulate(
        lacuna, directory, "--detector", "id01-eiger2m", "--frames", 200, "--layout", "bliss",
        "--compression", "bslz4")
    output = directory / "output.h5"
    times = {name: [] for name in ["lacuna", *COPIES]}
    peaks = []
    dataset = None
    for _ in range(REPEATS):
        begin = time.monotonic()
        command = [lacuna, "inpaint", scan, "--method", "linear", "--output", output, "--overwrite", "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        report = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0 and report["shape"] == [200, 2164, 1030], report
        times["lacuna"].append(time.monotonic() - begin)
        peaks.append(usage.ru_maxrss / 1024)
        dataset = report["dataset"]
        for name, options in COPIES.items():
            code = COPY.replace("{options}", options if "=" in options else f"compression={options}")
            copy = directory / "copy.h5"
            result = subprocess.run(
                [sys.executable, "-c", code, scan, copy, dataset], check=True, capture_output=True, text=True)
            times[name].append(float(result.stdout))
            copy.unlink()
    median = {name: statistics.median(seconds) for name, seconds in times.items()}
    figure = "Eiger2M, 200x2164x1030, bslz4, linear"
    spread = f"{min(times['lacuna']):.1f} to {max(times['lacuna']):.1f} s"
    yield f"{figure}: wall time ({REPEATS} times)", "", f"{median['lacuna']:.1f} s median, {spread}"
    yield f"{figure}: peak memory", "at most 1024 MiB", f"{max(peaks):.0f} MiB"
    for name in COPIES:
        ratios = [ours / theirs for ours, theirs in zip(times["lacuna"], times[name])]
        yield (
            f"{figure}: time against h5py writing back with {name}", "at most 2",
            f"{statistics.median(ratios):.2f} median, {max(ratios):.2f} max ({median[name]:.1f} s)")
