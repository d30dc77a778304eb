"""Scans in twelve layouts of facilities, all written at the same time, frame by frame as their writers do it.

    python3 layouts.py DIRECTORY TRUTH

Each function below is one writer: it yields after each frame. Most frames are those of the detector `tiny`, which the
caller describes; those of files that name no detector have the shapes that a profile knows. TRUTH/outputs says for each
scan the name of its truth and where its output belongs, below DIRECTORY.
"""

import contextlib
import pathlib
import sys
import time

import h5py
import numpy
import tifffile
from counts import counts, keep

FRAMES = 6
TINY = 48, 60
TEXT = "Tiny detector"


def grow(group, name, values, **options):
    """A dataset that gets longer by a frame each time, in a file that stays open."""
    data = group.create_dataset(name, (0, *values.shape[1:]), values.dtype, maxshape=(None, *values.shape[1:]),
                                chunks=(1, *values.shape[1:]), **options)
    for index, image in enumerate(values):
        data.resize(index + 1, axis=0)
        data[index] = image
        group.file.flush()
        yield


def detector(file, path="entry/instrument/detector", text=TEXT):
    file.require_group("entry").attrs["NX_class"] = "NXentry"
    group = file.require_group(path)
    group.attrs["NX_class"] = "NXdetector"
    if text:
        group["description"] = text
    return group


def lima_file(path, values, room, number=0, asked=FRAMES):
    """Full shape with the first frame, `end_time` with the last."""
    with h5py.File(path, "w") as file:
        file.attrs["creator"] = "LIMA-1.10.1"
        group = file.create_group("entry_0000/ESRF-ID01/tiny")
        group["detector_information/model"] = TEXT
        group["acquisition/nb_frames"] = asked
        data = group.create_dataset("data", (room, *TINY), values.dtype, chunks=(1, *TINY))
        file["entry_0000/measurement/data"] = h5py.SoftLink(data.name)
        for index, image in enumerate(values[number * room:(number + 1) * room]):
            data[index] = image
            file.flush()
            yield
        file["entry_0000/end_time"] = "2026-11-20T20:01:00Z"


@contextlib.contextmanager
def dataset_file(folder):
    """The group of the detector in ESRF's dataset file, which is held open until the scan ends."""
    (folder / "scan0001").mkdir(parents=True)
    with h5py.File(folder / f"{folder.name}.h5", "w") as file:
        file.attrs["creator"] = "blissdata"
        entry = file.create_group("1.1")
        entry["title"] = f"ascan eta 18 19 {FRAMES - 1} 0.1"
        group = entry.create_group("instrument/tiny")
        group.attrs["NX_class"] = "NXdetector"
        file.flush()
        yield group
        entry["end_reason"] = "SUCCESS"
        entry["end_time"] = "2026-11-20T21:01:00+01:00"


def bliss(place, values):
    """ESRF's dataset file, held open, and files of Lima in scan0001."""
    folder = place / "sample_0001"
    with dataset_file(folder) as group:
        layout = h5py.VirtualLayout((FRAMES, *TINY), values.dtype)
        for number in range(2):
            name = f"scan0001/tiny_{number:04d}.h5"
            yield from lima_file(folder / name, values, 3, number)
            layout[3 * number:3 * number + 3] = h5py.VirtualSource(name, "entry_0000/ESRF-ID01/tiny/data", (3, *TINY))
        group.create_virtual_dataset("data", layout)
        group.file.flush()
    return folder / "sample_0001_scan0001_inpainted.h5"


def lima2(place, values):
    """ESRF's dataset file over the master of Lima2, whose receivers take the frames in turn."""
    folder = place / "sample_0002"
    with dataset_file(folder) as group:
        parts = [h5py.File(folder / f"scan0001/tiny_frame_{rank}_00000.h5", "w") for rank in range(2)]
        writers = [grow(part, "data", values[rank::2, None]) for rank, part in enumerate(parts)]
        for index in range(FRAMES):
            next(writers[index % 2])
            yield
        layout = h5py.VirtualLayout((FRAMES, 1, *TINY), values.dtype)
        for rank, part in enumerate(parts):
            layout[rank::2] = h5py.VirtualSource(pathlib.Path(part.filename).name, "data", (FRAMES // 2, 1, *TINY))
            part.close()
        with h5py.File(folder / "scan0001/tiny_master.h5", "w") as master:
            master.create_virtual_dataset("entry/data", layout)
        group["data"] = h5py.ExternalLink("scan0001/tiny_master.h5", "entry/data")
    return folder / "sample_0002_scan0001_inpainted.h5"


def lima(place, values):
    """Lima alone, two files."""
    for number in range(2):
        yield from lima_file(place / f"tiny_{number:04d}.h5", values, 3, number)
    return place / "tiny_0000_inpainted.h5"


def dectris(place, values, master="s_master.h5", thresholds=0):
    """A master that comes first, and files that follow."""
    data = values if not thresholds else numpy.stack([values, values // 2], 1)
    with h5py.File(place / master, "w") as file:
        group = detector(file)
        group["detectorSpecific/nimages"], group["detectorSpecific/ntrigger"] = FRAMES, 1
        for number in range(thresholds):
            group.create_group(f"threshold_{number + 1}_channel")
        for number in range(2):
            name = f"data_{number + 1:06d}"
            file[f"entry/data/{name}"] = h5py.ExternalLink(f"{master[:-10]}_{name}.h5", "/entry/data/data")
    for number in range(2):
        with h5py.File(place / f"{master[:-10]}_data_{number + 1:06d}.h5", "w") as file:
            group = file.create_group("entry/data")
            part = data[3 * number:3 * number + 3]
            for index, _ in enumerate(grow(group, "data", part)):
                group["data"].attrs["image_nr_low"] = 3 * number + 1
                group["data"].attrs["image_nr_high"] = 3 * number + index + 1
                yield
    return place / f"{master[:-3]}_inpainted.h5"


def filewriter2(place, values):
    """(image, threshold, row, column)."""
    return (yield from dectris(place, values, thresholds=2))


def p10(place, values):
    """PETRA III: in the directory of the detector, the .fio file above."""
    folder = place / "s_00012/e4m"
    folder.mkdir(parents=True)
    rows = "".join(f" {0.1 * index} 5\n" for index in range(FRAMES))
    (folder.parent / "s_00012.fio").write_text(f"!\n%c\nascan om 0 0.5 5 1\n%d\n Col 1 om DOUBLE\n Col 2 c DOUBLE\n{rows}")
    return (yield from dectris(folder, values, "s_00012_master.h5"))


def lambda_parts(place, values):
    """X-Spectrum LAMBDA: files that no master joins."""
    for number in range(2):
        with h5py.File(place / f"t_part{number:05d}.nxs", "w") as file:
            group = detector(file)
            group["collection/frame_numbers"], group["sequence_number"] = FRAMES, 3 * number + 1
            yield from grow(group, "data", values[3 * number:3 * number + 3])
    return place / "t_part00000_inpainted.h5"


def sixs(place, values):
    """SOLEIL: one file, made when the scan ends."""
    for _ in range(FRAMES - 1):
        yield
    with h5py.File(place / "align_00042.nxs", "w") as file:
        group = file.create_group("com/scan_data")
        group["actuator_1_1"] = numpy.linspace(0, 1, FRAMES)
        group["data_01"] = numpy.arange(float(FRAMES))
        group["data_10"] = values
        file["com/end_time"] = "2026-11-20T21:01:00"
        yield
    return place / "align_00042_inpainted.h5"


def nanomax(place, values):
    """MAX IV: the file of the scan links to that of the detector, which grows."""
    with h5py.File(place / "000008.h5", "w") as file:
        file["entry/description"] = "ascan gonphi 0 1 5 0.1"
        file.create_group("entry/snapshots")
        file["entry/measurement/merlin/frames"] = h5py.ExternalLink("scan_000008_merlin.hdf5", "/d")
        file.flush()
        with h5py.File(place / "scan_000008_merlin.hdf5", "w") as part:
            for _ in grow(part, "d", values):
                yield
        file["entry/measurement/gonphi"] = numpy.linspace(0, 1, FRAMES)
    return place / "000008_inpainted.h5"


def i16(place, values):
    """Diamond by GDA: the detector's file first, the file of the scan with its end."""
    with h5py.File(place / "1040323.hdf", "w") as part:
        yield from grow(part, "d", values)
    with h5py.File(place / "1040323.nxs", "w") as file:
        detector(file, "entry/instrument/pil3_100k", None)["data"] = h5py.ExternalLink("1040323.hdf", "/d")
        file["entry/diamond_scan/scan_command"] = "scan eta 0 1 0.2"
        file["entry/measurement/eta"] = numpy.linspace(0, 1, FRAMES)
        file["entry/end_time"] = "2026-11-20T21:01:00"
    # The two files have the same stem.
    return place / "1040323.nxs_inpainted.h5"


def edf(place, values):
    """ESRF before BLISS: a file for each frame, in SPEC's order."""
    spec = place / "spec.spec"
    command = f"#F s\n\n#S 3 ascan eta 0 1 {FRAMES - 1} 1\n#N 2\n#L Eta  Detector\n"
    for index, image in enumerate(values):
        order = "LowByteFirst" if sys.byteorder == "little" else "HighByteFirst"
        header = (f"{{\nHeaderID = EH:000001:000000:000000 ;\nByteOrder = {order} ;\nDataType = UnsignedShort ;\n"
                  f"Dim_1 = {TINY[1]} ;\nDim_2 = {TINY[0]} ;\nSize = {image.nbytes} ;\ndetector = tiny ;\n")
        header += " " * (1022 - len(header)) + "}\n"
        (place / f"crystal_S0003_{index:04d}.edf").write_bytes(header.encode() + image.tobytes())
        command += f"{index / (FRAMES - 1)} 5\n"
        spec.write_text(command)
        yield
    spec.write_text(command + "\n#S 4 ct 1\n#N 1\n#L Time\n")
    return place / "crystal_S0003_inpainted.h5"


def tiff(place, values):
    """34-ID-C, HEPS: a TIFF file for each frame, and nothing that tells the end."""
    folder = place / "tiny_S0005"
    folder.mkdir()
    for index, image in enumerate(values):
        tifffile.imwrite(folder / f"tiny_S0005_{index:05d}.tif", image)
        yield
    return folder / "tiny_S0005_inpainted.h5"


SHAPES = {sixs: (515, 515), nanomax: (515, 515), i16: (195, 487)}
WRITERS = [bliss, lima2, lima, dectris, filewriter2, p10, lambda_parts, sixs, nanomax, i16, edf, tiff]


def main(directory, truth):
    running = {}
    for writer in WRITERS:
        place = pathlib.Path(directory) / writer.__name__
        place.mkdir(parents=True)
        values = counts(FRAMES, *SHAPES.get(writer, TINY), "u2")
        keep(truth, writer.__name__, values)
        running[writer.__name__] = writer(place, values)
    outputs = []
    while running:
        for name in list(running):
            try:
                next(running[name])
            except StopIteration as end:
                del running[name]
                outputs.append(f"{name} {end.value.relative_to(directory)}\n")
        time.sleep(0.1)
    (pathlib.Path(truth) / "outputs").write_text("".join(outputs))


if __name__ == "__main__":
    main(*sys.argv[1:])
