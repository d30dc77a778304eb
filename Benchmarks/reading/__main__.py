"""How long it takes to read a scan that lies in one file per frame, beside fabio and tifffile, in turn."""
import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import fabio
import numpy
import tifffile

HERE = Path(__file__).parent
FRAMES, ROWS, COLUMNS = 201, 516, 516


def frames():
    """A Bragg peak on an empty background, as a MAXIPIX counts it."""
    random = numpy.random.default_rng(1)
    rows, columns = numpy.mgrid[:ROWS, :COLUMNS]
    distance = numpy.hypot(rows - 240, columns - 270)
    for frame in range(FRAMES):
        expected = 1e4 * numpy.exp(-distance / (4 + abs(frame - 100) / 20)) / (1 + ((frame - 100) / 10) ** 2) + 0.02
        yield random.poisson(expected).astype(numpy.uint16)


def write(directory):
    kinds = {
        "EDF": (".edf", lambda path, data: fabio.edfimage.EdfImage(data=data).write(path)),
        "EDF, gzip": (".edf.gz", lambda path, data: fabio.edfimage.EdfImage(data=data).write(path)),
        "TIFF": (".tif", tifffile.imwrite),
        "TIFF, deflate": (".tif", lambda path, data: tifffile.imwrite(path, data, compression="zlib")),
    }
    series = {}
    for kind, (ending, _) in kinds.items():
        place = Path(directory, kind.replace(", ", "-"))
        place.mkdir()
        series[kind] = [str(place / f"crystal_{frame:05d}{ending}") for frame in range(FRAMES)]
    for frame, data in enumerate(frames()):
        for kind, (_, writer) in kinds.items():
            writer(series[kind][frame], data)
    return series


def read(kind, files):
    """Reads every frame into one array, as a script does."""
    start = time.perf_counter()
    stack = numpy.empty((FRAMES, ROWS, COLUMNS), numpy.uint16)
    for frame, path in enumerate(files):
        stack[frame] = fabio.open(path).data if kind.startswith("EDF") else tifffile.imread(path)
    return time.perf_counter() - start, int(stack.view(numpy.uint8).sum(dtype=numpy.uint64))


def run(program, *arguments):
    output = subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout.split()
    return float(output[0]), int(output[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--directory", help="where the frames are written (430 MB)")
    arguments = parser.parse_args()
    build = ["swift", "build", "-c", "release", "--package-path", HERE]
    subprocess.run(build, check=True)
    place = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    program = f"{place}/reading"
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        print(f"{FRAMES} frames of {ROWS}x{COLUMNS}, uint16; median of {arguments.rounds} rounds in turn, in ms")
        print("| files | fabio or tifffile | Lacuna | ratio (asked: at most 1) |\n|---|---|---|---|")
        for kind, files in write(directory).items():
            folder = str(Path(files[0]).parent)
            _, expected = read(kind, files)
            _, found = run(program, folder, "sum")
            assert found == expected, f"{kind}: the frames differ"
            times = [(read(kind, files)[0], run(program, folder)[0]) for _ in range(arguments.rounds)]
            theirs, ours = (statistics.median(column) for column in zip(*times))
            print(f"| {kind} | {1e3 * theirs:.0f} | {1e3 * ours:.0f} | {ours / theirs:.2f} |")


if __name__ == "__main__":
    main()
