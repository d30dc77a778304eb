"""What clients that mean harm cost the daemon, and what they cost others."""

import http.client
import socket
import threading
import time

from daemon import Daemon, simulate, wait_until

PORT = 18393
SLOW = 200
SECONDS = 20


def measure(lacuna, directory):
    daemon = Daemon(
        lacuna, directory, watch="settle_seconds: 0", rest="processing: {method: linear}", http=f"127.0.0.1:{PORT}")
    daemon.start_until_ready()
    ask()
    before = daemon.resident_mib()
    end = time.monotonic() + SECONDS
    attackers = [threading.Thread(target=attack, args=(end,)) for attack in [hold] * SLOW + [endless_head, huge_body]]
    for attacker in attackers:
        attacker.start()
    scan = simulate(lacuna, daemon.data, "--frames", 51, "--roi", 120, 120)
    waits = []
    while time.monotonic() < end:
        begin = time.monotonic()
        ask()
        waits.append(time.monotonic() - begin)
        time.sleep(0.1)
    for attacker in attackers:
        attacker.join()
    wait_until(lambda: daemon.counts() == {"done": 1})
    assert scan.exists()
    figure = f"{SLOW} connections that send a byte a second, an endless head and an endless body over {SECONDS} s"
    most = daemon.resident_mib("VmHWM")
    yield f"{figure}: memory before, at most", "at most 80 MiB", f"{before:.0f} MiB, {most:.0f} MiB"
    waits.sort()
    yield (
        f"{figure}: answers to somebody else", "all",
        f"{len(waits)}, {waits[len(waits) // 2] * 1000:.0f} ms median, {waits[-1] * 1000:.0f} ms at most")
    yield f"{figure}: scans meanwhile", "1 done", f"{daemon.counts().get('done')} done"
    daemon.end()


def ask():
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    connection.request("GET", "/state")
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read()
    connection.close()


def send(end, first, piece, pause):
    """Connects again whenever it is let go."""
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", PORT), timeout=5) as connection:
                connection.sendall(first)
                while time.monotonic() < end:
                    connection.sendall(piece)
                    time.sleep(pause)
        except OSError:
            time.sleep(0.05)


def hold(end):
    send(end, b"GET / HTTP/1.1\r\n", b"x", 1)


def endless_head(end):
    send(end, b"GET / HTTP/1.1\r\nX: ", b"x" * 65536, 0)


def huge_body(end):
    send(end, b"POST /retry HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", b"x" * 65536, 0)
