"""How often hot pixels and aliens are found in simulated scans, and how often something else is taken for one."""

import collections
import json
import pathlib
import random
import re
import subprocess
import tempfile

import h5py
import numpy

# Bits of the output's pixel mask: dead, or showing the same value in every frame; noisy, or bright in every frame.
FOUND = 2 | 16


def rates(options):
    """Prints a table over `options.files` scans, each once as simulated and once with bad pixels put in."""
    laboratory = options.lacuna.resolve().with_name("lacuna-lab")
    tally = collections.Counter()
    for seed in range(options.seed, options.seed + options.files):
        with tempfile.TemporaryDirectory(prefix="lacuna-") as directory:
            one_scan(pathlib.Path(directory), seed, options.lacuna.resolve(), laboratory, tally)
    print("| what | where at most so many counts are expected | put in | found |")
    print("|---|---|---|---|")
    for kind, place in sorted({key[1:] for key in tally if key[0] == "put in"}):
        print(f"| {kind} | {place} | {tally['put in', kind, place]} | {tally['found', kind, place]} |")
    print(f"\n{options.files} scans without: {tally['false pixels']} of {tally['pixels']} good pixels masked, "
          f"{tally['false in peak']} of them where 10 counts or more are expected; "
          f"{tally['false aliens']} voxels named as aliens, in {tally['scans with false aliens']} scans.")
    print(f"{options.files} scans with: {tally['wrong pixels']} good pixels masked, {tally['wrong in peak']} of them "
          f"where 10 counts or more are expected; aliens named in {tally['scans with aliens named']} scans.")


def one_scan(directory, seed, lacuna, laboratory, tally):
    choose = random.Random(seed)
    simulate = [laboratory, "simulate", "--output", directory, "--layout", "npz", "--detector", "maxipix-2x2",
                "--frames", str(choose.choice([21, 41, 61])), "--roi", "160", "160",
                "--crystal", choose.choice(["wulff", "winterbottom", "cube", "octahedron", "random"]),
                "--counts", str(choose.choice([300, 3000, 30000])), "--seed", str(seed)]
    subprocess.run([str(word) for word in simulate], check=True, capture_output=True)
    path = next(directory.glob("*.npz"))
    archive = numpy.load(path)
    data, mask = archive["data"], archive["mask"].astype(bool)
    with h5py.File(directory / "truth.h5") as truth:
        # What is expected at most in a pixel, over all frames.
        expected = truth["noise_free"][...].max(0)
    good = ~mask

    found, named = inpaint(lacuna, path, directory / "clean.h5")
    tally["pixels"] += int(good.sum())
    tally["false pixels"] += int((found & good).sum())
    tally["false in peak"] += int((found & good & (expected >= 10)).sum())
    tally["false aliens"] += named
    tally["scans with false aliens"] += named > 0

    numbers = numpy.random.default_rng(seed)
    put = {}
    def pixels(count):
        rows, columns = numpy.nonzero(good)
        chosen = numbers.choice(len(rows), count, replace=False)
        return [(int(rows[index]), int(columns[index])) for index in chosen]
    for kind, values in (
            ("60 000 in every frame", lambda: numpy.full(len(data), 60_000)),
            ("about 500 in every frame", lambda: numbers.poisson(500, len(data))),
            ("about 20 in every frame", lambda: numbers.poisson(20, len(data)))):
        for pixel in pixels(8):
            data[(slice(None), *pixel)] = values()
            put[pixel] = kind
    for row, column in pixels(6):
        # A particle that lights a few pixels for one to three frames.
        frame = choose.randrange(len(data) - 3)
        part = data[frame:frame + choose.randrange(1, 4), row:row + choose.randrange(1, 3), column:column + 1]
        part += numbers.poisson(2000, part.shape).astype(data.dtype)
    numpy.savez(path, data=data, mask=archive["mask"])
    found, named = inpaint(lacuna, path, directory / "with.h5")
    for pixel, kind in put.items():
        limits = [1, 10, 100]
        place = next((f"{limit}" for limit in limits if expected[pixel] <= limit), "more")
        tally["put in", kind, place] += 1
        tally["found", kind, place] += bool(found[pixel])
    rest = found & good
    for pixel in put:
        rest[pixel] = False
    tally["wrong pixels"] += int(rest.sum())
    tally["wrong in peak"] += int((rest & (expected >= 10)).sum())
    tally["scans with aliens named"] += named > 0


def inpaint(lacuna, scan, output):
    """The pixels that were found to measure nothing, and the number of voxels that were named as aliens."""
    command = [lacuna, "inpaint", scan, "--output", output, "--method", "nearest", "--threads", "1", "--json"]
    end = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
    remarks = json.loads(end.stdout).get("remarks", [])
    named = sum(int(match[1]) for remark in remarks if (match := re.match(r"(\d+) voxels stand out", remark)))
    with h5py.File(output) as file:
        bits = file["entry/instrument/detector/pixel_mask"][...]
    # The mask that was given stands in the bits of a user's mask.
    return (bits & FOUND) > 0, named
