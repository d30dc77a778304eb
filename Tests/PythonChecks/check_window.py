#!/usr/bin/env python3
"""Cuts scans of all sizes by the window of phasing.md's recipe for PyNX, which needs no PyNX.

Usage: check_window.py

Exit status: 0 when everything holds, 1 with one line for each thing that does not.
"""

import itertools
import re
import sys

import numpy as np

import recipes


def problems():
    block = re.search(r"^peak = .*?^window = [^\n]*$", recipes.block("PyNX"), re.DOTALL | re.MULTILINE).group(0)
    for frames, side in itertools.product((2, 7, 20, 41, 64, 65, 101), (30, 96, 140)):
        for frame, row in itertools.product((0, frames // 2, frames - 1), (0, side // 2, side - 1)):
            data = np.zeros((frames, side, side), np.float32)
            data[frame, row, side // 3] = 1
            names = {"np": np, "archive": {"data": data}}
            exec(block, names)
            cut = data[names["window"]]
            least = (min(frames, 64), min(side, 96), min(side, 96))
            if not cut.any():
                yield f"{data.shape}, peak in frame {frame}, row {row}: not in the window, which is {cut.shape}"
            if any(size % 2 or size < 0.75 * wanted - 2 for size, wanted in zip(cut.shape, least)):
                yield f"{data.shape}: cut to {cut.shape}"


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found))
    sys.exit(1 if found else 0)
