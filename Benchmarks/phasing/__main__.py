#!/usr/bin/env python3
"""Times Lacuna's phase retrieval against the same iterations in NumPy and SciPy, in turn on the same pattern."""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import fft

HERE = Path(__file__).parent
BETA = np.float32(0.9)


def reflections(counts, support, start, iterations, workers):
    """Relaxed averaged alternating reflections; iterations per second and the error before the last."""
    amplitude = np.fft.ifftshift(np.sqrt(counts))
    norm = np.sqrt(np.sum(amplitude.astype(np.float64) ** 2))
    inside, obj = support, start.copy()
    tiny = np.float32(1e-30)
    begin = time.perf_counter()
    for _ in range(iterations):
        spectrum = fft.fftn(obj, workers=workers)
        modulus = np.abs(spectrum)
        error = modulus - amplitude
        spectrum *= amplitude / np.maximum(modulus, tiny)
        projected = fft.ifftn(spectrum, workers=workers, overwrite_x=True)
        obj = np.where(inside, projected, BETA * obj + (1 - 2 * BETA) * projected)
    seconds = time.perf_counter() - begin
    return iterations / seconds, float(np.sqrt(np.sum(error.astype(np.float64) ** 2)) / norm)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="64,96,128")
    parser.add_argument("--iterations", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    subprocess.run(["swift", "build", "-c", "release"], cwd=HERE, check=True, stdout=subprocess.DEVNULL)
    program = HERE / ".build/release/phasing"

    print(f"{'size':>5} {'Lacuna it/s':>12} {'NumPy it/s':>12} {'ratio':>12}   error of both")
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run([program, str(size), directory], check=True)
            shape = (size,) * 3
            counts = np.fromfile(f"{directory}/counts", np.float32).reshape(shape)
            support = np.fromfile(f"{directory}/support", np.bool_).reshape(shape)
            start = np.fromfile(f"{directory}/start", np.complex64).reshape(shape)
            ours, theirs, errors = [], [], set()
            for _ in range(options.rounds):
                line = subprocess.run(
                    [program, str(size), directory, str(options.iterations)],
                    check=True, capture_output=True, text=True).stdout.split()
                ours.append(float(line[0]))
                speed, error = reflections(counts, support, start, options.iterations, options.workers)
                theirs.append(speed)
                errors |= {f"{float(line[1]):.4f}", f"{error:.4f}"}
            ratios = [mine / other for mine, other in zip(ours, theirs)]
            print(
                f"{size:>5} {statistics.median(ours):>12.1f} {statistics.median(theirs):>12.1f} "
                f"{min(ratios):>4.1f}-{max(ratios):.1f}, {statistics.median(ratios):.1f}   {', '.join(sorted(errors))}")


if __name__ == "__main__":
    main()
