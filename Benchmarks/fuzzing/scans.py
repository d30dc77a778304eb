"""Random scan files of which everything is known: what was recorded, where, and what is a gap."""

import os
import pathlib

import h5py
import hdf5plugin
import numpy

DETECTOR = """detectors:
  - name: fuzz-quad
    description: Fuzzing quad
    shape: [48, 60]
    pixel_size_um: 55
    modules: {size: [22, 28], gap: [4, 4]}
    names: [fuzzquad, fuzzing quad]
    flag_values: [max]
  - name: fuzz-signed
    description: Fuzzing signed
    shape: [48, 60]
    pixel_size_um: 75
    modules: {size: [22, 28], gap: [4, 4]}
    names: [fuzzsigned, fuzzing signed]
    flag_values: [-1, -2, max]
"""
ROWS, COLUMNS = 48, 60


class Scan:
    """One scan: `values` as recorded (frame, row, column), `recorded` where that is a measurement, `faults` by name."""

    def __init__(self, generator, directory):
        self.random, self.directory = generator, pathlib.Path(directory)
        self.faults, self.notes = [], []
        self.frames = generator.choice([6, 8, 12, 13, 20])
        self.kind = numpy.dtype(generator.choice(["u1", "u2", "u2", "u4", "u4", "i4", "i2", "u8", "f4", "f8"]))
        self.signed = self.kind.kind in "if" and generator.random() < 0.5
        self.name = "Fuzzing signed" if self.signed else "Fuzzing quad"
        self.make_counts()
        self.make_mask()
        self.make_flags()

    def chance(self, share):
        return self.random.random() < share

    def make_counts(self):
        numbers = numpy.random.default_rng(self.random.getrandbits(32))
        frame, row, column = numpy.meshgrid(
            *[numpy.arange(n) for n in (self.frames, ROWS, COLUMNS)], indexing="ij", sparse=True)
        peak = {"u1": 100, "u2": 3000, "i2": 3000}.get(self.kind.str[1:], 20000)
        centre = [self.frames / 2, self.random.uniform(15, 33), self.random.uniform(18, 42)]
        def fringe(x, width):
            return numpy.sinc(x / width) ** 2
        expected = peak * fringe(frame - centre[0], 3) * fringe(row - centre[1], 9) * fringe(column - centre[2], 9)
        counts = numbers.poisson(expected + self.random.choice([0.02, 0.2, 2])).astype("f8")
        if self.kind.kind == "f" and self.signed:
            counts += numbers.normal(0, 0.2, counts.shape)
        self.values = counts.astype(self.kind)
        self.recorded = numpy.ones(self.values.shape, bool)
        self.gap = numpy.zeros((ROWS, COLUMNS), bool)
        self.gap[22:26] = self.gap[:, 28:32] = True
        self.recorded[:, self.gap] = False
        # What nobody could know from the file.
        self.undecidable = numpy.zeros(self.values.shape, bool)

    def make_mask(self):
        """A mask of the file's own, in NeXus bits; `None` for none."""
        self.mask = None
        if self.chance(0.5):
            self.mask = numpy.zeros((ROWS, COLUMNS), "u4")
            self.mask[self.gap] = 1
            for bit in (1, 2, 4, 8, 16, 64, 256):
                pixel = self.random.randrange(ROWS), self.random.randrange(COLUMNS)
                self.mask[pixel] |= bit
                self.recorded[(slice(None), *pixel)] = False
                self.values[(slice(None), *pixel)] = self.random.choice([0, 3, 100])

    def make_flags(self):
        """Flags in gaps and dead pixels; the depth is stated where the type does not tell it."""
        self.depth = None
        kind = self.random.choice(["none", "type", "stated", "nan", "negative"])
        bits = 8 * self.kind.itemsize - (self.kind.kind == "i")
        if kind == "type" and self.kind.kind != "f" and 16 <= bits <= 32:
            flag = 2**bits - 1
        elif kind == "stated" and not (self.kind.kind == "f" and self.kind.itemsize == 2):
            self.depth = self.random.choice([depth for depth in (8, 16, 32) if depth <= bits])
            if self.values.max() >= 2**self.depth - 2:
                self.values = numpy.minimum(self.values, 2**self.depth - 3)
            flag = 2**self.depth - 1
            if self.kind == "f4" and self.depth == 32:
                flag = float(2**32)
        elif kind == "nan" and self.kind.kind == "f":
            flag = numpy.nan
        elif kind == "negative" and self.signed and self.kind.kind == "i":
            flag = -1
        else:
            return
        self.notes.append(f"flag {flag}")
        if self.kind.kind == "i" and flag > 2**bits - 1:
            return
        dead = [(self.random.randrange(ROWS), self.random.randrange(COLUMNS)) for _ in range(self.random.randrange(12))]
        for pixel in dead:
            self.values[(slice(None), *pixel)] = flag
            self.recorded[(slice(None), *pixel)] = False
        if self.chance(0.7):
            self.values[:, self.gap] = flag
        if self.chance(0.3):
            frame, row, column = [self.random.randrange(n) for n in self.values.shape]
            self.values[frame, row, column] = flag
            self.recorded[frame, row, column] = False

    def lose(self, frames, pixels=(slice(None), slice(None))):
        """These were not recorded, whatever the file makes of them."""
        self.recorded[(frames, *pixels)] = False

    # Storage

    def storage(self, frames):
        """Options of a dataset: chunks and filters."""
        chunks = self.random.choice([
            None, (1, ROWS, COLUMNS), (1, ROWS, COLUMNS), (1, 24, 30), (1, 17, 23), (3, 24, 30), (frames, 8, 8)])
        if chunks is None:
            return {}
        chunks = (min(chunks[0], frames), *chunks[1:])
        return {"chunks": chunks} | self.random.choice([
            {}, {"compression": "gzip", "compression_opts": 1}, {"compression": "gzip", "shuffle": True},
            {"fletcher32": True}, dict(hdf5plugin.Bitshuffle(cname="lz4")), dict(hdf5plugin.LZ4())])

    def fill(self, dataset, values, written):
        """Writes frame by frame, and leaves out what was not written."""
        for frame in range(len(values)):
            if frame in written:
                dataset[frame] = values[frame]

    def dataset(self, group, name, values, first=0, may_fail=True):
        """A dataset of frames, of which some may never have been written."""
        written = set(range(len(values)))
        options = self.storage(len(values))
        whole_frames = options.get("chunks", (0,))[0] == 1
        if may_fail and whole_frames and self.chance(0.15):
            lost = set(self.random.sample(sorted(written), min(len(written), self.random.randrange(1, 3))))
            if len(written) > 1 and self.chance(0.5):
                lost = set(range(self.random.randrange(1, len(values)), len(values)))
            written -= lost
            self.faults.append("unwritten")
            for frame in lost:
                self.lose(first + frame)
        data = group.create_dataset(name, values.shape, values.dtype, **options)
        self.fill(data, values, written)
        return data

    def stack(self, group, name, pixels):
        """The frames below a group: direct, virtual or in a raw file. `pixels`: whether modules may be apart."""
        way = self.random.choice(["direct", "direct", "whole", "blocks", "interleaved", "modules", "raw"])
        self.notes.append(way)
        if way == "direct":
            return self.dataset(group, name, self.values)
        if way == "raw":
            return self.raw(group, name)
        layout = h5py.VirtualLayout(self.values.shape, self.kind)
        for index, (frames, rows, columns) in enumerate(self.parts(way)):
            part = self.values[frames, rows, columns]
            path = self.directory / f"{name}_{index}.h5"
            place = numpy.arange(self.frames)[frames]
            fate = self.random.choice(["there"] * 12 + ["missing", "short", "unmapped"])
            kept = len(part)
            if fate == "short" and kept > 1:
                kept = self.random.randrange(1, len(part))
                self.lose(place[kept:], (rows, columns))
                self.faults.append("short source")
            with h5py.File(path, "w") as file:
                file.create_dataset("d", data=part[:kept], chunks=(1, *part.shape[1:]))
            source = h5py.VirtualSource(path.name if self.chance(0.7) else str(path), "d", part.shape, self.kind)
            if fate == "unmapped":
                self.lose(place, (rows, columns))
                self.faults.append("unmapped source")
                continue
            layout[frames, rows, columns] = source
            if fate == "missing":
                path.unlink()
                self.lose(place, (rows, columns))
                self.faults.append("missing source")
        return group.create_virtual_dataset(name, layout, fillvalue=0)

    def parts(self, way):
        every = slice(None)
        if way == "whole":
            return [(every, every, every)]
        if way == "modules":
            rows, columns = (slice(0, 22), slice(26, 48)), (slice(0, 28), slice(32, 60))
            self.values[:, self.gap] = 0
            return [(every, row, column) for row in rows for column in columns]
        count = self.random.choice([2, 3])
        if way == "interleaved":
            return [(slice(writer, None, count), every, every) for writer in range(count)]
        size = -(-self.frames // count)
        return [(slice(start, min(start + size, self.frames)), every, every) for start in range(0, self.frames, size)]

    def raw(self, group, name):
        path = self.directory / f"{name}.raw"
        data = self.values.tobytes()
        if self.chance(0.2):
            frames = self.random.randrange(self.frames)
            data = data[:frames * len(data) // self.frames]
            self.lose(slice(frames, None))
            self.faults.append("short raw file")
        path.write_bytes(data)
        space, create = h5py.h5s.create_simple(self.values.shape), h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        create.set_external(os.fsencode(path.name if self.chance(0.7) else str(path)), 0, self.values.nbytes)
        return h5py.h5d.create(group.id, name.encode(), h5py.h5t.py_create(self.kind), space, create)

    # Layouts

    def describe(self, detector):
        detector.attrs["NX_class"] = "NXdetector"
        detector["description"] = self.random.choice([self.name, self.name.upper(), self.name.replace(" ", "_")])
        if self.mask is not None:
            detector["pixel_mask"] = self.mask
        if self.depth:
            detector["bit_depth_image"] = self.depth

    def nexus(self):
        path = self.directory / f"scan{self.random.choice(['.h5', '.nxs', '.hdf5'])}"
        with h5py.File(path, "w") as file:
            file.create_group("entry").attrs["NX_class"] = "NXentry"
            detector = file.create_group("entry/instrument/detector")
            self.describe(detector)
            self.stack(detector, "data", True)
            if self.chance(0.3):
                file["entry/data/data"] = h5py.SoftLink("/entry/instrument/detector/data")
        return path

    def bliss(self):
        path = self.directory / "S1_0001.h5"
        (self.directory / "scan0001").mkdir()
        with h5py.File(path, "w") as file:
            file.attrs["creator"] = "Bliss"
            entry = file.create_group("1.1")
            entry.attrs["NX_class"] = "NXentry"
            entry["title"] = f"ascan eta 18 19 {self.frames - 1} 1"
            entry["start_time"] = "2026-11-20T21:00:00+01:00"
            detector = entry.create_group("instrument/fuzzsigned" if self.signed else "instrument/fuzzquad")
            self.describe(detector)
            detector["type"] = "lima"
            self.stack(detector, "data", True)
            entry["measurement/det"] = h5py.SoftLink(f"{detector.name}/data")
            entry["end_reason"] = "SUCCESS"
            entry["end_time"] = "2026-11-20T21:01:00+01:00"
        return path

    def dectris(self):
        path = self.directory / "s_master.h5"
        size = self.random.choice([4, 5, self.frames])
        starts = range(0, self.frames, size)
        lost = self.random.randrange(len(starts)) if self.chance(0.2) else None
        with h5py.File(path, "w") as file:
            file.create_group("entry").attrs["NX_class"] = "NXentry"
            detector = file.create_group("entry/instrument/detector")
            self.describe(detector)
            detector["detectorSpecific/nimages"] = self.frames
            for index, start in enumerate(starts):
                name = f"data_{index + 1:06d}"
                if self.chance(0.9):
                    file[f"entry/data/{name}"] = h5py.ExternalLink(f"s_{name}.h5", "/entry/data/data")
                else:
                    self.faults.append("unlinked file")
                if index == lost:
                    self.lose(slice(start, start + size))
                    self.faults.append("missing file")
                    continue
                with h5py.File(self.directory / f"s_{name}.h5", "w") as part:
                    data = self.dataset(part.create_group("entry/data"), "data", self.values[start:start + size], start)
                    data.attrs["image_nr_low"] = start + 1
                    data.attrs["image_nr_high"] = min(start + size, self.frames)
        return path

    def lima(self):
        room = self.random.choice([self.frames, 4, 5])
        starts = range(0, self.frames, room)
        lost = self.random.randrange(len(starts)) if self.chance(0.15) else None
        name = "fuzzsigned" if self.signed else "fuzzquad"
        if self.mask is not None:
            # Lima saves none.
            self.undecidable |= (self.mask > 0) & ~self.gap
        for index, start in enumerate(starts):
            if index == lost:
                self.lose(slice(start, start + room))
                self.faults.append("missing file")
                continue
            with h5py.File(self.directory / f"mpx_{index:04d}.h5", "w") as file:
                file.attrs["creator"] = "LIMA-1.9"
                detector = file.create_group(f"entry_0000/ESRF-ID00/{name}")
                detector["detector_information/name"] = name
                detector["acquisition/nb_frames"] = self.frames
                if self.depth:
                    detector["detector_information/image_lima_type"] = f"Bpp{self.depth}"
                part = self.values[start:start + room]
                data = detector.create_dataset(
                    "data", (room, ROWS, COLUMNS), self.kind, chunks=(1, ROWS, COLUMNS), maxshape=(None, ROWS, COLUMNS))
                written = set(range(len(part)))
                if self.chance(0.1):
                    gone = self.random.randrange(len(part))
                    written -= set(range(gone, len(part)) if self.chance(0.5) else [gone])
                    for frame in set(range(len(part))) - written:
                        self.lose(start + frame)
                    self.faults.append("unwritten")
                self.fill(data, part, written)
                file["entry_0000/measurement/data"] = h5py.SoftLink(f"{detector.name}/data")
                if self.chance(0.95):
                    file["entry_0000/end_time"] = "2026-11-20T20:01:00Z"
                else:
                    self.faults.append("open file")
        return self.directory / "mpx_0000.h5"

    def array(self):
        """A NumPy array or archive: nothing names the detector, so that a mask is given, and no depth is stated."""
        path = self.directory / f"scan{self.random.choice(['.npy', '.npz'])}"
        mask = self.gap | ~self.recorded.any(0)
        self.given_mask = self.directory / "mask.npy"
        numpy.save(self.given_mask, mask.astype("u1"))
        self.undecidable = ~self.recorded & ~mask
        if path.suffix == ".npy":
            numpy.save(path, numpy.asfortranarray(self.values) if self.chance(0.1) else self.values)
        else:
            self.random.choice([numpy.savez, numpy.savez_compressed])(path, data=self.values)
        return path

    given_mask = None
    LAYOUTS = [nexus, nexus, bliss, bliss, dectris, lima, array]

    def write(self):
        layout = self.random.choice(self.LAYOUTS)
        self.notes.insert(0, layout.__name__)
        return layout(self)

    def __str__(self):
        return ", ".join([*self.notes, str(self.kind), f"depth {self.depth}", f"{self.frames} frames", *self.faults])
