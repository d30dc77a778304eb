"""The task in the real Ewoks."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import lacuna_bcdi

pytest.importorskip("ewokscore")
WORKFLOW = pathlib.Path(lacuna_bcdi.__file__).parent / "ewoks" / "inpaint.json"


def inputs(bliss, directory, **more):
    values = {"filename": str(bliss), "output_directory": str(directory), "method": "linear", **more}
    return [{"id": "inpaint", "name": name, "value": value} for name, value in values.items()]


def execute(engine, *arguments, **options):
    if engine == "ppf":
        return pytest.importorskip("ewoksppf").execute_graph(*arguments, **options)
    from ewokscore import execute_graph

    return execute_graph(*arguments, **options)


@pytest.mark.parametrize("engine", ["core", "ppf"])
def test_the_workflow_writes_the_numbers_that_the_command_writes(engine, bliss, command, tmp_path):
    result = execute(engine, str(WORKFLOW), inputs=inputs(bliss, tmp_path / "PROCESSED", scan_numbers=[1]))
    (tmp_path / "by-command").mkdir()
    command("inpaint", bliss, "--scan", "1", "--method", "linear", "--output", tmp_path / "by-command" / f"{bliss.stem}_scan0001_inpainted.h5")

    (url,) = result["output_urls"]
    path, _, dataset = url.partition("::")
    assert dataset == "/entry/data"
    assert pathlib.Path(path).name == f"{bliss.stem}_scan0001_inpainted.h5"
    expected = lacuna_bcdi.load(tmp_path / "by-command" / pathlib.Path(path).name)
    np.testing.assert_array_equal(lacuna_bcdi.load(path).data, expected.data)
    assert result["quality"][0]["samples"] > 0


def test_all_scans_are_filled_where_none_are_named(bliss, tmp_path):
    result = execute("core", str(WORKFLOW), inputs=inputs(bliss, tmp_path))
    assert len(result["output_urls"]) == 1


def test_a_failure_fails_the_workflow_with_the_message(bliss, tmp_path):
    with pytest.raises(Exception) as caught:
        execute("core", str(WORKFLOW), inputs=inputs(bliss, tmp_path, scan_numbers=[99]))
    assert "99" in str(caught.value.__cause__ or caught.value)


def test_ewoks_discovers_task_and_workflow():
    # In a process of its own, as this one may have imported the task.
    script = """
import json
from ewokscore.task_discovery import discover_all_tasks
from ewokscore.workflow_discovery import discover_all_workflows
tasks = [found["task_identifier"] for found in discover_all_tasks()]
print(json.dumps([tasks, [str(found) for found in discover_all_workflows()]]))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    tasks, workflows = json.loads(run.stdout.splitlines()[-1])
    assert "lacuna_bcdi.ewoks.tasks.InpaintScans" in tasks
    assert any("lacuna_bcdi.ewoks" in found for found in workflows)


def test_a_worker_of_ewoksjob_does_it(bliss, tmp_path):
    local = pytest.importorskip("ewoksjob.client.local")

    with local.pool_context(max_workers=1):
        future = local.submit(
            args=(json.loads(WORKFLOW.read_text()),), kwargs={"inputs": inputs(bliss, tmp_path, scan_numbers=[1])}
        )
        result = future.result(timeout=60)
    assert pathlib.Path(result["output_urls"][0].partition("::")[0]).exists()
