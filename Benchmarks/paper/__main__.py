"""Times the paper's network on a cube with a cross, ours beside it, and prints one table."""
import argparse
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXTENT, PATCH = 128, 32
# TensorFlow 2.21 on two cores: patch by patch and in batches of 32, by pixels skipped.
TENSORFLOW = {0: (1963, 568), 4: (92, 27)}


def patches(skipped):
    """How many patches two seams take; those centred on the crossing belong to both."""
    last, middle = EXTENT - PATCH, (EXTENT - PATCH) // 2
    places = -(-last // (skipped + 1)) + 1
    return 2 * places * places - (places if middle % (skipped + 1) == 0 else 0)


def row(name, seconds, skipped=None, reckoned=False):
    text = f"{name:26}{seconds:10.1f}{'*' if reckoned else ' '}"
    if skipped is not None:
        text += f"{patches(skipped):9}{1000 * seconds / patches(skipped):9.1f}"
    if skipped in TENSORFLOW:
        one, batches = TENSORFLOW[skipped]
        text += f"{one / seconds:12.1f}{batches / seconds:12.1f}"
    print(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lacuna", default=ROOT / ".build/release/lacuna", type=pathlib.Path)
    parser.add_argument("--skipped", default="0,4", help="pixels from patch to patch")
    arguments, others = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="lacuna-paper-") as directory:
        run = subprocess.run(
            [arguments.lacuna, "evaluate", "stride", "--output", directory, "--extent", str(EXTENT), "--widths", "6",
             "--skipped", arguments.skipped, "--json", *others],
            check=True, capture_output=True, text=True)
    rows = [r for r in json.loads(run.stdout)["rows"] if r["seconds"] is not None]
    print(f"{'':26}{'seconds':>10} {'patches':>9}{'ms each':>9}{'x one':>12}{'x batches':>12}")
    for r in rows:
        row(r["method"], r["seconds"], r["skipped"])
    measured = {r["skipped"]: r["seconds"] for r in rows if r["skipped"] is not None}
    if 0 not in measured:
        dense = min(measured)
        row("paper skipping 0", measured[dense] / patches(dense) * patches(0), 0, reckoned=True)
        print(f"* reckoned from {dense} skipped, by the number of patches")


if __name__ == "__main__":
    main()
