"""Scans for the tests. LACUNA_PROGRAM names the program, where it is not the one in the package."""

import pathlib
import subprocess

import numpy as np
import pytest

from lacuna_bcdi import _program

SHARED_MEMORY = pathlib.Path("/dev/shm")


@pytest.fixture(scope="session")
def counts():
    """A diffraction pattern whose peak lies beside the seams of a MAXIPIX."""
    frame, row, column = np.ogrid[:12, :516, :516]
    radius = np.sqrt(((frame - 6) / 3) ** 2 + ((row - 230) / 40) ** 2 + ((column - 245) / 40) ** 2)
    return np.random.default_rng(5).poisson(3e3 * np.exp(-4 * radius) * (1 + np.cos(9 * radius))).astype(np.uint32)


@pytest.fixture(scope="session")
def bliss(tmp_path_factory):
    """A BLISS file as the simulated beamline writes it."""
    directory = tmp_path_factory.mktemp("RAW_DATA")
    _program.run(
        ["simulate", "--output", directory, "--layout", "bliss", "--detector", "maxipix-2x2", "--frames", "12"]
        + ["--counts", "10000", "--seed", "3"]
    )
    return next(directory.glob("*.h5"))


@pytest.fixture
def command():
    """Runs the program as a person would and returns its JSON."""

    def run(*arguments):
        return subprocess.run(
            [_program.path(), *map(str, arguments)], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL
        ).stdout

    return run


@pytest.fixture(autouse=True)
def the_same_date(monkeypatch):
    """Two outputs say that they were made at the same time."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


@pytest.fixture(autouse=True)
def nothing_is_left():
    """No test leaves a file in shared memory."""
    before = set(SHARED_MEMORY.glob("lacuna-bcdi-*"))
    yield
    assert set(SHARED_MEMORY.glob("lacuna-bcdi-*")) <= before
