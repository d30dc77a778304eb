"""The task as a person runs it: by ``ewoks execute``."""

import pathlib
import subprocess
import sys

import h5py
import numpy as np
import pytest

import lacuna_bcdi

pytest.importorskip("ewokscore")
WORKFLOW = pathlib.Path(lacuna_bcdi.__file__).parent / "ewoks" / "inpaint.json"
NAME = "{}_scan0001_inpainted.h5"


def contents(path):
    """Everything that a file holds, by name, with the bytes of its numbers."""
    found = {}

    def exact(value):
        values = np.asarray(value)
        # Texts are objects, whose bytes are addresses.
        return values.tolist() if values.dtype.hasobject else (values.dtype.str, values.shape, values.tobytes())

    def visit(name, member):
        attributes = {key: exact(value) for key, value in member.attrs.items()}
        found[name] = (exact(member[()]) if isinstance(member, h5py.Dataset) else None, attributes)

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


@pytest.fixture
def reference(bliss, command, tmp_path):
    """The output of the command, in a directory as far from the raw file as those of the tests are."""
    output = tmp_path / "by-command" / NAME.format(bliss.stem)
    output.parent.mkdir()
    command("inpaint", bliss, "--scan", "1", "--method", "kriging", "--output", output)
    return output


def test_ewoks_execute_writes_what_the_command_writes(bliss, reference, tmp_path):
    pytest.importorskip("ewoks")
    inputs = {"filename": bliss, "output_directory": tmp_path / "by-ewoks", "method": "kriging"}
    parameters = [f"--parameter-nodeid=inpaint:{name}={value}" for name, value in inputs.items()]
    subprocess.run([sys.executable, "-m", "ewoks", "execute", WORKFLOW, *parameters], check=True, cwd=tmp_path)
    assert contents(tmp_path / "by-ewoks" / reference.name) == contents(reference)
