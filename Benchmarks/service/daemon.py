"""`lacuna watch` as systemd runs it, and the scans that it is given."""

import json
import os
import pathlib
import queue
import signal
import socket
import sqlite3
import subprocess
import threading
import time

PACKAGE = pathlib.Path(__file__).resolve().parents[2]


class Daemon:
    """A daemon over `directory`/data, with its state beside it under a name of its own."""

    def __init__(self, lacuna, directory, name="state", watch="", rest="", http="off",
                 free_space=1):
        self.lacuna = lacuna
        self.data = directory / "data"
        self.data.mkdir(exist_ok=True)
        self.state = directory / name
        self.configuration = directory / f"{name}.yaml"
        self.journal = directory / f"{name}.journal"
        self.journal.touch()
        self.socket = directory / f"{name}.socket"
        self.http = http
        self.free_space = free_space
        self.configure(watch, rest)
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(str(directory / f"{name}.notify"))
        # The service manager: it must read all that the daemon tells it.
        self.readiness = queue.SimpleQueue()
        threading.Thread(target=self._read_notices, daemon=True).start()
        self.process = None

    def configure(self, watch, rest=""):
        self.configuration.write_text(f"""version: 1
watch: [{{path: {self.data}, {watch}}}]
state: {{directory: {self.state}}}
status: {{socket: {self.socket}, http: "{self.http}"}}
detectors: {{directories: [{PACKAGE}/Config/detectors]}}
minimum_free_space_mb: {self.free_space}
{rest}
""")

    def start(self, *arguments):
        environment = os.environ | {"NOTIFY_SOCKET": self.notices.getsockname()}
        command = [self.lacuna, "watch", "--config", self.configuration, *arguments]
        with self.journal.open("ab") as journal:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=journal, env=environment)

    def start_until_ready(self):
        """Starts the daemon; returns the seconds until it says that it is ready."""
        while not self.readiness.empty():
            self.readiness.get()
        begin = time.monotonic()
        self.start()
        return self.readiness.get(timeout=300) - begin

    def _read_notices(self):
        while True:
            if b"READY=1" in self.notices.recv(65536):
                self.readiness.put(time.monotonic())

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(60)

    def lines(self):
        return self.journal.read_text().splitlines()

    def query(self, sql):
        if not (self.state / "ledger.sqlite").exists():
            return []
        with sqlite3.connect(f"file:{self.state}/ledger.sqlite?mode=ro", uri=True, timeout=10) as ledger:
            return ledger.execute(sql).fetchall()

    def counts(self):
        return dict(self.query("SELECT state, COUNT(*) FROM scan GROUP BY state"))

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self, name="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        raise LookupError(name)


def wait_until(condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(condition)
        time.sleep(0.005)


def simulate(lacuna, directory, *arguments):
    """Writes a scan and returns the file that stands for it."""
    command = [lacuna, "simulate", "--output", directory, "--json", "--no-truth", *map(str, arguments)]
    return pathlib.Path(json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["scan_file"])
