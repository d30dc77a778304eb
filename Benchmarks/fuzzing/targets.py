"""What is fuzzed: the files that `lacuna` reads, and the commands that read them."""

import pathlib
import shutil

import h5py
import numpy

PACKAGE = pathlib.Path(__file__).resolve().parents[2]


class Target:
    """One kind of file: good files to begin with, and the commands to which damaged copies are given.

    `statuses` are the exit codes with which a command may end.
    """

    is_text = False
    statuses = {0, 2, 3, 4, 5}

    def __init__(self, lacuna, directory):
        self.lacuna = str(lacuna)
        self.directory = directory
        self.seeds = list(self.make_seeds(directory))

    def inpaint(self, scan, *arguments):
        return [self.lacuna, "inpaint", scan, "--output", self.directory / "out_inpainted.h5", "--overwrite",
                "--threads", "1", *arguments]


class Configurations(Target):
    is_text = True

    def make_seeds(self, directory):
        text = (PACKAGE / "Config/lacuna.yaml").read_text()
        text = text.replace("/run/lacuna/", f"{directory}/").replace("127.0.0.1:8391", "off")
        yield "lacuna.yaml", text.encode()
        yield "short.yaml", b"version: 1\nwatch: [{path: /data, output: /out}]\nretries: {attempts: 2}\n"

    def commands(self, path):
        # Exit code 1 says that no daemon answers, which is so.
        yield [self.lacuna, "status", "--config", path]

    statuses = Target.statuses | {1}


class Detectors(Target):
    is_text = True

    def make_seeds(self, directory):
        for path in sorted((PACKAGE / "Config/detectors").glob("*.yaml")):
            yield path.name, path.read_bytes()

    def commands(self, path):
        alone = self.directory / "alone"
        shutil.rmtree(alone, ignore_errors=True)
        alone.mkdir()
        shutil.copy(path, alone)
        yield [self.lacuna, "detectors", "--detector-directory", alone, "--json"]
        yield [self.lacuna, "mask", path.stem, "--detector-directory", alone, "--output", self.directory / "mask.npy"]


class Archives(Target):
    """`.npz` and `.npy`."""

    def make_seeds(self, directory):
        data, mask = stack(), gap()
        for name, save in ("plain.npz", numpy.savez), ("packed.npz", numpy.savez_compressed):
            save(directory / name, data=data, mask=mask)
            yield name, (directory / name).read_bytes()
        for kind in "uint8", "int32", "float64", ">u2":
            name = f"{kind.strip('>')}.npy"
            numpy.save(directory / name, data.astype(kind))
            yield name, (directory / name).read_bytes()
        numpy.save(directory / "mask.npy", mask)

    def commands(self, path):
        yield [self.lacuna, "inspect", path, "--json"]
        yield self.inpaint(path, "--method", "nearest", "--mask", self.directory / "mask.npy")


class HDF5(Target):
    def make_seeds(self, directory):
        data = stack()
        numpy.save(directory / "mask.npy", gap())
        for version in "earliest", "latest":
            with h5py.File(directory / "part.h5", "w", libver=version) as part:
                part.create_dataset("entry_0000/measurement/data", data=data, chunks=(1, 20, 20), compression="gzip")
            with h5py.File(directory / "scan.h5", "w", libver=version) as file:
                write_nexus(file, data)
            with h5py.File(directory / "bliss.h5", "w", libver=version) as file:
                write_bliss(file, data.shape)
            for name in "scan.h5", "bliss.h5":
                yield f"{version}_{name}", (directory / name).read_bytes()

    def commands(self, path):
        yield [self.lacuna, "inspect", path, "--json"]
        yield self.inpaint(
            path, "--method", "nearest", "--detector", "none", "--mask", self.directory / "mask.npy")


class Networks(Target):
    """Weights, which `lacuna inpaint --model` reads."""

    def make_seeds(self, directory):
        numpy.savez(directory / "scan.npz", data=stack(), mask=gap())
        yield "gap.safetensors", (PACKAGE / "Config/models/gap.safetensors").read_bytes()

    def commands(self, path):
        yield self.inpaint(self.directory / "scan.npz", "--method", "network", "--model", path)


def stack():
    return (numpy.arange(4 * 20 * 20, dtype="uint32").reshape(4, 20, 20) * 7) % 100


def gap():
    mask = numpy.zeros((20, 20), "uint8")
    mask[:, 9:12] = 1
    return mask


def write_nexus(file, data):
    entry = file.create_group("entry")
    entry.attrs["NX_class"] = "NXentry"
    detector = entry.create_group("instrument/detector")
    detector.attrs["NX_class"] = "NXdetector"
    detector["description"] = "a detector"
    detector.create_dataset("data", data=data, chunks=(1, 20, 20), compression="gzip", shuffle=True)
    detector["pixel_mask"] = gap().astype("uint32")
    detector["link"] = h5py.SoftLink("/entry/instrument/detector/data")


def write_bliss(file, shape):
    for number in 1, 2:
        scan = file.create_group(f"{number}.1")
        scan.attrs["NX_class"] = "NXentry"
        scan["title"] = "ascan eta 0 1 3 1"
        scan["end_time"] = "2024-01-01T00:00:00+01:00"
        detector = scan.create_group("instrument/mpx1x4")
        detector.attrs["NX_class"] = "NXdetector"
        layout = h5py.VirtualLayout(shape, "uint32")
        layout[:] = h5py.VirtualSource("part.h5", "entry_0000/measurement/data", shape)
        detector.create_virtual_dataset("data", layout)
        scan["measurement/mpx1x4"] = h5py.SoftLink(f"/{number}.1/instrument/mpx1x4/data")
        scan["positioners/eta"] = numpy.linspace(0, 1, shape[0])


TARGETS = {
    "configuration": Configurations, "detectors": Detectors, "archives": Archives, "hdf5": HDF5, "networks": Networks}
