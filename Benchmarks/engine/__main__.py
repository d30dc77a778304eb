"""What share of the network's time oneDNN's convolutions take, when it fills and when it learns."""
import argparse
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    build = ["swift", "build", "-c", "release", "--package-path", HERE]
    subprocess.run(build, check=True)
    directory = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    # oneDNN itself says what each of its primitives took, in milliseconds.
    output = subprocess.run(
        [f"{directory}/engine", str(arguments.repeats)], check=True, capture_output=True, text=True,
        env={**os.environ, "DNNL_VERBOSE": "1"}).stdout
    part, convolutions = None, 0.0
    for line in output.splitlines():
        words = line.split()
        if words[0] == "begin":
            part, convolutions = words[1], 0.0
        elif words[0] == "end":
            seconds = float(words[2])
            print(f"{part}: {1e3 * seconds / arguments.repeats:.1f} ms, "
                  f"of which convolutions {100 * convolutions / 1e3 / seconds:.0f} %")
        elif "convolution" in line and line.startswith("onednn_verbose,exec"):
            convolutions += float(line.rsplit(",", 1)[1])


if __name__ == "__main__":
    main()
