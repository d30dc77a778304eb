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
    "bitshuffle-LZ4": "compression=hdf5plugin.Bitshuffle()",
    "gzip 1 + shuffle": 'compression="gzip", compression_opts=1, shuffle=True',
}
COPY = """
import sys, time
import h5py, hdf5plugin
begin, processor = time.monotonic(), time.process_time()
with h5py.File(sys.argv[1]) as source, h5py.File(sys.argv[2], "w") as copy:
    frames = source[sys.argv[3]]
    written = copy.create_dataset(
        "data", shape=frames.shape, dtype=frames.dtype, chunks=(1, *frames.shape[1:]), {options})
    for index in range(frames.shape[0]):
        written[index] = frames[index]
print(time.monotonic() - begin, time.process_time() - processor)
"""


def measure(lacuna, directory):
    scan = simulate(
        lacuna, directory, "--detector", "id01-eiger2m", "--frames", 200, "--layout", "bliss",
        "--compression", "bslz4")
    output, copy = directory / "output.h5", directory / "copy.h5"
    seconds = {name: [] for name in ["lacuna", *COPIES]}
    processor_seconds = {name: [] for name in seconds}
    peaks = []
    for _ in range(REPEATS):
        begin = time.monotonic()
        command = [lacuna, "inpaint", scan, "--method", "linear", "--output", output, "--overwrite", "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        report = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0 and report["shape"] == [200, 2164, 1030], report
        seconds["lacuna"].append(time.monotonic() - begin)
        processor_seconds["lacuna"].append(usage.ru_utime + usage.ru_stime)
        peaks.append(usage.ru_maxrss / 1024)
        for name, options in COPIES.items():
            command = [sys.executable, "-c", COPY.replace("{options}", options), scan, copy, report["dataset"]]
            result = subprocess.run(command, check=True, capture_output=True, text=True)
            wall, processor = map(float, result.stdout.split())
            seconds[name].append(wall)
            processor_seconds[name].append(processor)
            copy.unlink()

    figure = "Eiger2M, 200x2164x1030, bslz4, linear"
    yield f"{figure}: time ({REPEATS} times)", "", spent(seconds["lacuna"], processor_seconds["lacuna"])
    yield f"{figure}: peak memory", "at most 1024 MiB", f"{max(peaks):.0f} MiB"
    for name in COPIES:
        ratios = [ours / theirs for ours, theirs in zip(seconds["lacuna"], seconds[name])]
        ratio = f"{statistics.median(ratios):.2f} median, {max(ratios):.2f} max"
        yield f"{figure}: against h5py writing back with {name}", "at most 2", ratio
        yield f"h5py with {name}: time", "", spent(seconds[name], processor_seconds[name])


def spent(seconds, processor_seconds):
    processor = statistics.median(processor_seconds)
    return f"{statistics.median(seconds):.1f} s median, {max(seconds):.1f} s max; {processor:.1f} s of processor time"
