"""Pause, submit, resume and notices of a daemon that is killed right after each."""

import collections
import json
import random
import signal
import subprocess
import time

from daemon import Daemon, simulate, wait_until

SCANS = 40
SUBMITTED = 3


def measure(lacuna, directory):
    random.seed(2)
    told, listener = directory / "told", directory / "listen"
    # One write for each notice, since a listener whose daemon was killed may still be at it.
    listener.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$(tr '\\n' ' ')\" >>{told}\n")
    listener.chmod(0o755)
    rest = f"processing: {{method: linear}}\nnotify: [{{command: [{listener}], states: [done]}}]"
    daemon = Daemon(lacuna, directory, watch="settle_seconds: 0", rest=rest)
    kills = 0

    def kill_and_start():
        nonlocal kills
        kills += 1
        daemon.end(signal.SIGKILL)
        daemon.start_until_ready()

    def ask(command, *arguments):
        subprocess.run([lacuna, command, "--config", daemon.configuration, *arguments], check=True, capture_output=True)

    daemon.start_until_ready()
    ask("pause")
    kill_and_start()
    small = ["--frames", 6, "--roi", 64, 64, "--layout", "npz"]
    files = [simulate(lacuna, daemon.data / str(seed), *small, "--seed", seed) for seed in range(SCANS)]
    wait_until(lambda: daemon.counts() == {"ready": SCANS})
    for file in files[-SUBMITTED:]:
        ask("submit", "--no-wait", file)
        kill_and_start()
    wait_until(lambda: daemon.counts() == {"done": SUBMITTED, "ready": SCANS - SUBMITTED})
    kept = daemon.counts()["ready"]
    ask("resume")
    while settled(daemon) < SCANS:
        kill_and_start()
        wait = min(settled(daemon) + random.randint(1, 4), SCANS)
        wait_until(lambda: settled(daemon) >= wait)
        time.sleep(random.uniform(0, 0.1))
    # A scan that was in work at three kills in a row may be what kills the daemon, and is set aside.
    aside = daemon.counts().get("quarantined", 0)
    if aside:
        ask("retry", "--failed")
        wait_until(lambda: daemon.counts() == {"done": SCANS}, 60)

    def notices():
        return [json.loads(line) for line in told.read_text().splitlines() if line.strip()]

    wait_until(lambda: len({notice["scan"]["file"] for notice in notices()}) == SCANS, 60)
    daemon.end()
    done = collections.Counter(scan for scan, in daemon.query("SELECT scan_id FROM transition WHERE state = 'done'"))
    numbers = collections.defaultdict(set)
    for notice in notices():
        numbers[notice["scan"]["file"]].add(notice["id"])
    again = len(notices()) - len({notice["id"] for notice in notices()})
    figure = f"{SCANS} scans paused, {SUBMITTED} submitted, {kills} SIGKILL"
    yield f"{figure}: kept waiting by the pause", f"{SCANS - SUBMITTED}", f"{kept}"
    twice = sum(count > 1 for count in done.values())
    yield f"{figure}: done, done twice", f"{SCANS}, 0", f"{len(done)}, {twice} ({aside} after lacuna retry)"
    yield (
        f"{figure}: told by the hook, told under two numbers", f"{SCANS}, 0",
        f"{len(numbers)}, {sum(len(ids) > 1 for ids in numbers.values())} ({again} told again under the same number)")


def settled(daemon):
    return sum(daemon.counts().get(state, 0) for state in ("done", "quarantined"))
