"""The notebooks of Documentation run as they stand, on a simulated scan."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from lacuna_bcdi import _program

NOTEBOOKS = pathlib.Path(__file__).parents[2] / "Documentation/notebooks"
NEEDS = {"cdiutils": "cdiutils", "convexad": None}


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """The collection file of a scan on a whole MAXIPIX."""
    directory = tmp_path_factory.mktemp("RAW_DATA")
    arguments = ["simulate", "--output", directory, "--detector", "mpx1x4", "--frames", "32", "--counts", "1e5"]
    _program.run([*arguments, "--no-truth"])
    return next(directory.glob("*.h5"))


def test_every_notebook_is_tested():
    assert sorted(NEEDS) == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_runs_as_it_stands(name, experiment, tmp_path):
    pytest.importorskip("nbconvert")
    pytest.importorskip("ipykernel")
    if NEEDS[name]:
        pytest.importorskip(NEEDS[name])
    # A notebook runs where it lies, and writes there.
    shutil.copy(NOTEBOOKS / f"{name}.ipynb", tmp_path)
    ran = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", f"{name}.ipynb"],
        cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"LACUNA_SCAN": str(experiment), "LACUNA_PROGRAM": _program.path()},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    cells = json.loads((tmp_path / f"{name}.ipynb").read_text())["cells"]
    pictures = [output for cell in cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    assert pictures, "the filled scan is shown"
