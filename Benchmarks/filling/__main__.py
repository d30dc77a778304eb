"""Times the filling of gaps, every method in turn on the same scans, and prints one table."""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
WAYS = {
    "linear": ["--method", "linear"],
    "kriging": ["--method", "kriging"],
    "network, fast": ["--quality", "fast"],
    "network": [],
    "network, best": ["--quality", "best"],
}


def simulate(lacuna, directory, *options):
    listing = subprocess.run(
        [lacuna, "simulate", "--output", directory, "--no-truth", "--json", *options],
        check=True, capture_output=True, text=True)
    return json.loads(listing.stdout)["scan_file"]


def cube(lacuna, directory, frames):
    """Some 128 rows and columns of a MAXIPIX, whose seams make a cross of 6 pixels."""
    name = f"{directory}/cube-{frames}"
    return simulate(lacuna, name, "--frames", str(frames), "--roi", "128", "128", "--seam", "zero", "--counts", "1e6")


def time(lacuna, scan, way, repeats):
    """Median seconds of filling alone and of the whole, and the peak memory in MB."""
    reports = []
    for _ in range(repeats):
        run = subprocess.run(
            [lacuna, "inpaint", scan, "--overwrite", "--json", *WAYS[way]],
            check=True, capture_output=True, text=True)
        reports.append(json.loads(run.stdout))
    return (
        statistics.median(r["seconds"]["inpaint"] for r in reports),
        statistics.median(r["seconds"]["total"] for r in reports),
        max(r["peak_memory_bytes"] for r in reports) / 1e6,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lacuna", default=ROOT / ".build/release/lacuna", type=pathlib.Path)
    parser.add_argument("--repeats", default=3, type=int)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lacuna-filling-") as directory:
        scans = {
            "128x128x128": cube(arguments.lacuna, directory, 128),
            "256x128x128": cube(arguments.lacuna, directory, 256),
            "201x516x516": simulate(arguments.lacuna, f"{directory}/maxipix", "--seam", "zero", "--counts", "1e6"),
        }
        print(f"{'scan':14}{'way':16}{'fill s':>8}{'total s':>9}{'MB':>7}")
        for name, scan in scans.items():
            for way in WAYS:
                fill, total, memory = time(arguments.lacuna, scan, way, arguments.repeats)
                print(f"{name:14}{way:16}{fill:8.2f}{total:9.2f}{memory:7.0f}", flush=True)


if __name__ == "__main__":
    main()
