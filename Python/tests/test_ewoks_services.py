"""The task as a beamline runs it: by a worker of ewoksjob, and with a message to the data portal.

Each test runs where its parts are installed and says which one it misses otherwise.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

import pytest
from test_ewoks_execute import NAME, WORKFLOW, contents

from lacuna_bcdi import _program

RABBITMQ = pathlib.Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
SCANS = 20
# What an output says of the places of files.
PLACES = {f"entry/inpainting/{name}" for name in ("command", "source/file_name", "source/frame_files")}

CONFIGURATION = """
broker_url = "filesystem://"
broker_transport_options = {{
    "data_folder_in": "{0}/queue", "data_folder_out": "{0}/queue", "control_folder": "{0}/control",
    "polling_interval": 0.05,
}}
result_backend = "file://{0}/results"
result_serializer = "pickle"
accept_content = ["application/json", "application/x-python-serialize"]
"""
CLIENT = """
import json, pathlib, sys
from ewoksjob.client import submit
workflow, output_directory, *files = sys.argv[1:]
futures = [
    submit(args=(json.loads(pathlib.Path(workflow).read_text()),), kwargs={"inputs": [
        {"id": "inpaint", "name": "filename", "value": file},
        {"id": "inpaint", "name": "method", "value": "kriging"},
        {"id": "inpaint", "name": "output_directory", "value": output_directory},
    ]})
    for file in files
]
print(json.dumps([future.result(timeout=300, interval=0.1)["output_urls"] for future in futures]))
"""


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Different scans, small ones, each in a file of its own."""
    directory = tmp_path_factory.mktemp("beamline") / "RAW_DATA"
    for seed in range(SCANS):
        _program.run(
            ["simulate", "--output", directory, "--dataset", f"{seed:04d}", "--no-truth", "--detector", "maxipix-2x2"]
            + ["--frames", "6", "--roi", "64", "64", "--counts", "10000", "--seed", str(seed)]
        )
    return sorted(directory.glob("*/*/crystal_*.h5"))


@contextlib.contextmanager
def worker(directory):
    """A worker of ewoksjob with a queue in a directory; the environment of its clients."""
    for name in "queue", "control", "results":
        (directory / name).mkdir(parents=True)
    (directory / "celery_settings.py").write_text(CONFIGURATION.format(directory))
    environment = os.environ | {
        "EWOKS_CONFIG_URI": str(directory / "celery_settings.py"), "CELERY_LOADER": "ewoksjob.config.EwoksLoader",
    }  # fmt: skip
    with open(directory / "log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ewoksjob", "worker", "--pool=solo"], cwd=directory, env=environment, stdout=log, stderr=log
        )
    try:
        yield environment
    finally:
        process.terminate()
        process.wait()


def everything_but_places(path):
    """What an output holds, and nothing of where files lie."""
    found = contents(path)
    assert PLACES <= found.keys()
    return {name: value for name, value in found.items() if name not in PLACES}


def test_a_worker_of_ewoksjob_fills_20_scans_as_the_program_does(scans, command, tmp_path):
    pytest.importorskip("ewoksjob")
    assert len(scans) == SCANS
    filled = tmp_path / "filled"
    with worker(tmp_path / "worker") as environment:
        client = [sys.executable, "-c", CLIENT, WORKFLOW, filled, *scans]
        printed = subprocess.run(client, check=True, cwd=tmp_path, env=environment, capture_output=True).stdout
    urls = json.loads(printed.splitlines()[-1])
    assert urls == [[f"{filled / NAME.format(scan.stem)}::/entry/data"] for scan in scans]
    reference = tmp_path / "by-command.h5"
    for scan in scans:
        command("inpaint", scan, "--scan", "1", "--method", "kriging", "--output", reference, "--overwrite")
        assert everything_but_places(filled / NAME.format(scan.stem)) == everything_but_places(reference)


@contextlib.contextmanager
def broker(directory):
    """A RabbitMQ of this test that speaks STOMP; its port.

    ESRF's broker, ActiveMQ, has no virtual hosts, and so pyicat-plus asks for that with an empty name.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        port, epmd, distribution = (each.getsockname()[1] for each in sockets)
    (directory / "rabbitmq.conf").write_text(
        f"listeners.tcp = none\nstomp.listeners.tcp.1 = 127.0.0.1:{port}\n"
        "stomp.default_user = guest\nstomp.default_pass = guest\n"
    )
    (directory / "advanced.config").write_text('[{rabbit, [{default_vhost, <<>>}]}].\n')
    (directory / "plugins").write_text("[rabbitmq_stomp].\n")
    environment = os.environ | {
        "HOME": str(directory), "ERL_EPMD_PORT": str(epmd), "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"lacuna-{port}@localhost", "RABBITMQ_MNESIA_BASE": str(directory),
        "RABBITMQ_LOG_BASE": str(directory), "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(directory / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"), "RABBITMQ_PID_FILE": str(directory / "pid"),
        "RABBITMQ_DIST_PORT": str(distribution), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
    }  # fmt: skip
    with open(directory / "output", "wb") as log:
        server = subprocess.Popen(
            [RABBITMQ], cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        for _ in range(1200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert server.poll() is None, (directory / "output").read_text()
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()
        subprocess.run(["epmd", "-port", str(epmd), "-kill"], env=environment, stdout=subprocess.DEVNULL, check=False)


def fill_and_register(scan, directory, port):
    """Runs the workflow, which fills a scan and tells the broker at a port of it."""
    from ewokscore import execute_graph

    icat = {
        "beamline": "id01", "proposal": "hc1234", "dataset": "inpainted", "sample": "crystal",
        "metadata_urls": [f"127.0.0.1:{port}"],
    }  # fmt: skip
    inputs = {"filename": str(scan), "output_directory": str(directory), "method": "linear", "icat": icat}
    execute_graph(
        str(WORKFLOW), inputs=[{"id": "inpaint", "name": name, "value": value} for name, value in inputs.items()]
    )


@pytest.mark.skipif(not RABBITMQ.exists(), reason="rabbitmq-server is not installed")
def test_the_data_portal_gets_its_message_through_a_real_broker(scans, tmp_path):
    pytest.importorskip("pyicat_plus")
    from stompest.config import StompConfig
    from stompest.sync import Stomp

    filled = tmp_path / "filled"
    with broker(tmp_path) as port:
        fill_and_register(scans[0], filled, port)
        portal = Stomp(StompConfig(f"tcp://127.0.0.1:{port}", version="1.1"))
        portal.connect(connectedTimeout=60)
        portal.subscribe("/queue/icatIngest", {"id": "portal", "ack": "auto"})
        assert portal.canRead(60)
        message = portal.receiveFrame().body
        assert not portal.canRead(0.5), "one dataset, two messages"
        portal.disconnect()
    said = [(element.tag.rpartition("}")[2], element.text) for element in xml.fromstring(message).iter()]
    for expected in [
        ("investigation", "hc1234"), ("instrument", "id01"), ("name", "inpainted"), ("location", str(filled)),
        ("name", "crystal"), ("name", "input_datasets"), ("value", str(scans[0].parent)),
    ]:  # fmt: skip
        assert expected in said


def test_a_broker_that_is_not_there_is_named(scans, tmp_path):
    pytest.importorskip("pyicat_plus")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(Exception) as caught:
        fill_and_register(scans[0], tmp_path / "filled", port)
    assert f"ICAT was not told of {tmp_path}/filled through 127.0.0.1:{port}: " in str(caught.value.__cause__)
    assert (tmp_path / "filled" / NAME.format(scans[0].stem)).exists()
