"""How far fifty people who watch the page slow down the filling of a scan."""

import http.client
import statistics
import threading
import time

from daemon import Daemon, simulate

CLIENTS = 50
# A page asks every two seconds while a scan is in work.
PAUSE_SECONDS = 2
PAIRS = 8
PORT = 18391


def measure(lacuna, directory):
    daemon = Daemon(
        lacuna, directory, watch="settle_seconds: 0", rest="processing: {method: kriging}", http=f"127.0.0.1:{PORT}")
    scan = simulate(lacuna, directory / "scan", "--frames", 201, "--layout", "npz")
    daemon.start_until_ready()
    seconds = {False: [], True: []}
    shares = {False: [], True: []}
    answers = []
    # The first scan fills caches and counts for nothing.
    take(daemon, scan, "warm-up")
    for pair in range(PAIRS):
        # In turn first and second, so that whatever grows over time weighs on both alike.
        for watched in (pair % 2 == 0, pair % 2 != 0):
            end = threading.Event()
            clients = [threading.Thread(target=poll, args=(end, answers, index)) for index in range(CLIENTS * watched)]
            for client in clients:
                client.start()
            # Until all have asked; alone too, so that the output before is written out by then.
            time.sleep(PAUSE_SECONDS)
            processor, begin = daemon.processor_seconds(), time.monotonic()
            seconds[watched].append(take(daemon, scan, f"{pair}-{watched}"))
            shares[watched].append((daemon.processor_seconds() - processor) / (time.monotonic() - begin))
            end.set()
            for client in clients:
                client.join()
    daemon.end()
    ratios = [watched / alone for watched, alone in zip(seconds[True], seconds[False])]
    slower = (statistics.median(seconds[True]) / statistics.median(seconds[False]) - 1) * 100
    figure = f"a scan of 201x516x516, kriging, {CLIENTS} clients that poll"
    yield f"{figure}: slower by", "less than 3 %", f"{slower:+.1f} % (pairs {min(ratios):.3f} to {max(ratios):.3f})"
    share = (statistics.median(shares[True]) - statistics.median(shares[False])) * 100
    yield f"{figure}: processor time of the daemon", "", f"{share:+.2f} % of one core"
    yield f"{figure}: time alone", "", f"{statistics.median(seconds[False]):.2f} s median of {PAIRS}"
    wrong = sum(status != 200 for status, _ in answers)
    latency = sorted(wait for _, wait in answers)
    yield (
        f"{figure}: answers", "", f"{len(answers)}, {wrong} wrong, {latency[len(latency) // 2] * 1000:.0f} ms median, "
        f"{latency[-1] * 1000:.0f} ms at most")


def take(daemon, scan, name):
    """Lets a copy of the scan land; returns the seconds in work, since how soon it is noticed does not matter here."""
    target = daemon.data / f"{name}.npz"
    target.hardlink_to(scan)
    # Seldom, since asking takes time from the work as well; the ledger knows when it ended.
    while not daemon.query(f"SELECT 1 FROM scan WHERE file = '{target}' AND state = 'done'"):
        time.sleep(0.5)
    times = daemon.query(
        "SELECT (julianday(transition.at) - 2440587.5) * 86400 FROM transition JOIN scan ON scan.id = scan_id "
        f"WHERE file = '{target}' AND transition.state IN ('processing', 'done') ORDER BY transition.id")
    return times[-1][0] - times[-2][0]


def poll(end, answers, index):
    end.wait(PAUSE_SECONDS * index / CLIENTS)
    while not end.is_set():
        begin = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        connection.request("GET", "/state")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        answers.append((answer.status, time.monotonic() - begin))
        end.wait(PAUSE_SECONDS)
