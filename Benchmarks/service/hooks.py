"""How far hooks that hang or refuse slow down the filling of a scan."""

import contextlib
import http.server
import socket
import statistics
import threading

from clients import take
from daemon import Daemon, simulate

ROUNDS = 12


def measure(lacuna, directory):
    scan = simulate(lacuna, directory / "scan", "--frames", 201, "--layout", "npz")
    with refusing() as refusing_port, silent() as silent_port:
        hooks = {
            "none": "",
            "that hang": notify("/bin/sleep, '3600'", silent_port),
            "that refuse": notify("/bin/false", refusing_port),
        }
        seconds = {name: [] for name in hooks}
        daemon = Daemon(lacuna, directory, watch="settle_seconds: 0", rest="processing: {method: kriging}")
        # The first round fills caches and counts for nothing.
        for number in range(ROUNDS + 1):
            # In turn first, second and third, so that whatever grows over time weighs on all alike.
            for place in range(len(hooks)):
                name = list(hooks)[(number + place) % len(hooks)]
                daemon.configure("settle_seconds: 0", f"processing: {{method: kriging}}\n{hooks[name]}")
                daemon.start_until_ready()
                # What the hooks do not take of this scan, they have to do with while the next is filled.
                take(daemon, scan, f"{number}-{place}-before")
                seconds[name].append(take(daemon, scan, f"{number}-{place}"))
                daemon.end()
    alone = seconds.pop("none")[1:]
    figure = "a scan of 201x516x516, kriging"
    yield f"{figure}: time without hooks", "", f"{statistics.median(alone):.2f} s median of {ROUNDS}"
    for name, taken in seconds.items():
        ratios = sorted(taken / alone for taken, alone in zip(taken[1:], alone))
        middle = (statistics.median(taken[1:]) / statistics.median(alone) - 1) * 100
        yield (
            f"{figure}, a command and an address {name}: slower by", "at most 1 %",
            f"{middle:+.1f} % (pairs {ratios[0]:.3f} to {ratios[-1]:.3f}, middle {statistics.median(ratios):.3f})")
    yield f"{figure}: complaints in the journal", "", f"{sum(' does not take notices' in line for line in daemon.lines())}"


def notify(command, port):
    return f"notify:\n  - {{command: [{command}]}}\n  - {{url: 'http://127.0.0.1:{port}/'}}"


@contextlib.contextmanager
def refusing():
    """The port of a server that answers every notice with an error."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_error(500)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextlib.contextmanager
def silent():
    """A port on which connections are taken and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
