"""Measures the running daemon and prints what is asked beside what was measured."""

import argparse
import os
import pathlib
import tempfile

import browse
import clients
import commands
import eiger2m
import hooks
import hostile
import idle
import kills
import latency
import night
import storm

MEASUREMENTS = {
    "kills": kills, "latency": latency, "eiger2m": eiger2m, "idle": idle, "clients": clients, "commands": commands,
    "browse": browse, "hooks": hooks, "hostile": hostile, "storm": storm, "night": night,
}


def main():
    package = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(prog="Benchmarks/service", description=__doc__)
    parser.add_argument("measurements", nargs="*", default=[], help=f"of {', '.join(MEASUREMENTS)}; all by default")
    parser.add_argument("--lacuna", type=pathlib.Path, default=package / ".build/release/lacuna")
    parser.add_argument("--directory", type=pathlib.Path, help="where scans are written; removed in the end")
    options = parser.parse_args()
    unknown = set(options.measurements) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    # What this script reads must not be locked by it, and what it is compared with takes no lock either.
    os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"

    print("| figure | asked | measured |\n|---|---|---|", flush=True)
    for name in options.measurements or MEASUREMENTS:
        with tempfile.TemporaryDirectory(prefix="lacuna-", dir=options.directory) as directory:
            for row in MEASUREMENTS[name].measure(options.lacuna.resolve(), pathlib.Path(directory)):
                print("| " + " | ".join(row) + " |", flush=True)


main()
