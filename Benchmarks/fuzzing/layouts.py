"""Layouts in which a random scan is written."""

import h5py
import numpy


class Layouts:
    # How the file's own mask may be written; by default in all ways.
    mask_ways = None
    # How many exposures are added to one frame.
    added = 1

    def describe(self, detector):
        """What a NeXus detector says of itself, its mask among it."""
        detector.attrs["NX_class"] = "NXdetector"
        detector["description"] = self.text if self.chance(0.7) else [self.text]
        if self.material:
            detector["sensor_material"] = self.material
        if self.depth:
            if self.chance(0.5):
                detector["bit_depth_image"] = self.depth
                if self.chance(0.3):
                    detector["bit_depth_readout"] = self.random.choice([6, 12, 24])
            else:
                detector["bit_depth_readout"] = numpy.int32(self.depth)
        if self.mask is not None:
            self.write_mask(detector)

    def write_mask(self, detector):
        """In two parts, for each frame, of another type, or of the wrong shape, which must be refused."""
        way = self.random.choice(self.mask_ways or ["plain"] * 4 + ["wide", "parts", "frames", "one frame", "wrong"])
        self.notes.append(f"mask {way}")
        if way == "plain":
            detector["pixel_mask"] = self.mask
        elif way == "wide":
            detector["pixel_mask"] = self.mask.astype(self.random.choice(["u8", "i8"]))
        elif way == "parts":
            part = self.mask.copy()
            part[::2] = 0
            detector["pixel_mask"], detector["pixel_mask_1"] = part, self.mask & ~part
        elif way == "one frame":
            detector["pixel_mask"] = self.mask[None]
        elif way == "frames":
            masks = numpy.repeat(self.mask[None], self.frames, 0)
            frame, row, column = [self.random.randrange(n) for n in masks.shape]
            masks[frame, row, column] |= 2
            self.recorded[frame, row, column] = False
            detector["pixel_mask"] = masks
        else:
            detector["pixel_mask"] = self.mask[:-1]
            self.must_refuse = True
            self.faults.append("mask of another shape")

    def maybe_transpose(self):
        if self.chance(0.1):
            self.turn(lambda array: numpy.swapaxes(array, -1, -2))
            self.notes.append("transposed")

    def nexus(self):
        self.maybe_transpose()
        path = self.directory / f"scan{self.random.choice(['.h5', '.nxs', '.hdf5'])}"
        with h5py.File(path, "w", libver=self.random.choice(["earliest", "v110", ("earliest", "v110")])) as file:
            file.create_group("entry").attrs["NX_class"] = "NXentry"
            detector = file.create_group("entry/instrument/detector")
            self.describe(detector)
            way = self.random.choice(["plain"] * 4 + ["single axis", "single axis", "thresholds"])
            if way == "plain":
                self.stack(detector, "data")
            elif way == "single axis":
                axis = self.random.choice([0, 1])
                detector.create_dataset("data", data=numpy.expand_dims(self.values, axis))
                self.notes.append(f"axis {axis} of length 1")
            else:
                self.thresholds(detector)
            if self.chance(0.3):
                file["entry/data/data"] = h5py.SoftLink("/entry/instrument/detector/data")
        return path

    def thresholds(self, detector):
        """(frame, threshold, row, column), each threshold with a mask of its own."""
        count, chosen = self.random.choice([2, 3]), 1
        if self.chance(0.4):
            chosen = self.random.randrange(1, count + 1)
            self.arguments += ["--threshold", str(chosen)]
        images = numpy.stack([self.values] * count, axis=1)
        images[:, :, ::2] = images[:, :, ::2] // 2 if not self.is_float else 1
        images[:, chosen - 1] = self.values
        detector.create_dataset("data", data=images, chunks=(1, 1, self.rows, self.columns))
        for number in range(1, count + 1):
            channel = detector.create_group(f"threshold_{number}_channel")
            if self.mask is not None:
                channel["pixel_mask"] = self.mask if number == chosen else self.mask * 0
        self.notes.append(f"threshold {chosen} of {count}")

    def bliss(self):
        path = self.directory / "S1_0001.h5"
        (self.directory / "scan0001").mkdir()
        end = self.random.choice(["whole"] * 6 + ["aborted", "failed", "running"])
        self.notes.append(end)
        asked = self.frames
        if end in ("aborted", "failed"):
            # Only the first frames were taken.
            self.frames = self.random.randrange(2, asked)
            for name in ("values", "recorded", "undecidable"):
                setattr(self, name, getattr(self, name)[:self.frames])
            self.faults.append(end)
        self.maybe_transpose()
        with h5py.File(path, "w") as file:
            file.attrs["creator"] = self.random.choice(["Bliss", "blissdata"])
            entry = file.create_group("1.1")
            entry.attrs["NX_class"] = "NXentry"
            entry["title"] = f"ascan eta 18 19 {asked - 1} 1"
            entry["start_time"] = "2026-11-20T21:00:00+01:00"
            detector = entry.create_group(f"instrument/{self.device}")
            self.describe(detector)
            detector["type"] = "lima"
            self.stack(detector, "data")
            entry[f"measurement/{self.device}"] = h5py.SoftLink(f"{detector.name}/data")
            self.cameras(entry)
            if self.chance(0.3):
                counter = file.create_group("1.2")
                counter.attrs["NX_class"] = "NXentry"
                counter["measurement/diode"] = numpy.arange(5.0)
            if end == "running":
                self.must_refuse = True
                self.faults.append(end)
            else:
                entry["end_reason"] = {"whole": "SUCCESS", "aborted": "USER_ABORT", "failed": "FAILURE"}[end]
                entry["end_time"] = "2026-11-20T21:01:00+01:00"
        if not self.arguments and self.chance(0.2):
            self.arguments += ["--scan", "1"]
        return path

    def cameras(self, entry):
        """Others beside the detector: one that nobody knows, one that saved nothing, one that is known."""
        for camera in self.random.sample(["basler", "xmap", "saved_nothing", "fuzzother"], self.random.choice([0, 0, 1, 2])):
            group = entry.create_group(f"instrument/{camera}")
            group.attrs["NX_class"] = "NXdetector"
            self.notes.append(camera)
            if camera == "saved_nothing":
                layout = h5py.VirtualLayout((self.frames, 30, 40), "u2")
                layout[:] = h5py.VirtualSource("scan0001/nothing_0000.h5", "d", (self.frames, 30, 40))
                group.create_virtual_dataset("data", layout)
            elif camera == "xmap":
                group["data"] = numpy.ones((self.frames, 2048), "u4")
            else:
                shape = (40, 50) if camera == "fuzzother" else (30, 40)
                group["data"] = numpy.ones((self.frames, *shape), "u2")
                if camera == "fuzzother":
                    self.arguments += ["--scan", f"1.1/instrument/{self.device}"]

    def expose(self, count, is_told=True):
        """Several exposures at each point, perhaps to be summed."""
        if not is_told or self.chance(0.7):
            use = self.random.choice(["sum", "stack"])
            self.arguments += ["--series", use]
            self.added = count if use == "sum" else 1
            self.notes.append(f"{use} of {count}")

    def soleil(self):
        """Nothing names the detector: a profile does."""
        self.maybe_transpose()
        way = self.random.choice(["com/scan_data", "exp_0042/scan_data"])
        if self.mask is not None:
            # No mask is saved there.
            self.undecidable |= ((self.mask & 0xFFFF) > 0) & ~self.gap
        if self.depth:
            self.undecidable |= ~self.recorded & ~self.gap
        self.must_refuse = False
        detectors = {"pair": "fuzz-pair-cdte" if self.is_cdte else "fuzz-pair"}.get(self.model, f"fuzz-{self.model}")
        profile = self.directory / "own.yaml"
        profile.write_text(
            f"name: own\nfiles: ['*.nxs']\nrequires: ['{way}']\ndatasets: ['{way}/*']\n"
            f"detectors: [{detectors}, fuzz-other]\nmotors: [{{path: '{way}/actuator_1_1', units: deg}}]\n")
        self.arguments += ["--profile", str(profile)]
        path = self.directory / "scan_0042.nxs"
        with h5py.File(path, "w") as file:
            group = file.create_group(way)
            group["actuator_1_1"] = numpy.linspace(0, 1, self.frames)
            group["data_01"] = numpy.arange(float(self.frames))
            if self.chance(0.3):
                group["data_02"] = numpy.ones((self.frames, 30, 41), "u4")
            self.stack(group, "data_10")
        return path

    def points(self):
        """(point, exposure, row, column)."""
        path = self.directory / "scan.h5"
        count = self.random.choice([2, 3])
        kept = self.frames // count * count
        for name in ("values", "recorded", "undecidable"):
            setattr(self, name, getattr(self, name)[:kept])
        self.frames = kept
        with h5py.File(path, "w") as file:
            file.create_group("entry").attrs["NX_class"] = "NXentry"
            detector = file.create_group("entry/instrument/detector")
            self.mask_ways = ["plain"]
            self.describe(detector)
            shape = (kept // count, count, self.rows, self.columns)
            chunks = self.random.choice([None, (1, 1, *shape[2:]), (1, count, *shape[2:])])
            detector.create_dataset("data", data=self.values.reshape(shape), chunks=chunks)
        self.expose(count, is_told=False)
        return path

    def dectris(self):
        path = self.directory / "s_master.h5"
        size = self.random.choice([4, 5, self.frames])
        starts = range(0, self.frames, size)
        lost = self.random.randrange(len(starts)) if self.chance(0.1) else None
        links = self.chance(0.85)
        numbered = self.chance(0.85)
        with h5py.File(path, "w") as file:
            file.create_group("entry").attrs["NX_class"] = "NXentry"
            detector = file.create_group("entry/instrument/detector")
            self.describe(detector)
            exposures = self.random.choice([1, 1, 1, 2]) if self.frames % 2 == 0 else 1
            if exposures > 1:
                detector["detectorSpecific/nimages"] = exposures
                detector["detectorSpecific/ntrigger"] = self.frames // exposures
                self.expose(exposures)
            else:
                detector["detectorSpecific/nimages"] = self.frames
                if self.chance(0.5):
                    detector["detectorSpecific/ntrigger"] = 1
            for index, start in enumerate(starts):
                name = f"data_{index + 1:06d}"
                if links or self.chance(0.6):
                    file[f"entry/data/{name}"] = h5py.ExternalLink(f"s_{name}.h5", "/entry/data/data")
                else:
                    self.faults.append("unlinked file")
                if index == lost:
                    self.lose(slice(start, start + size))
                    self.faults.append("missing file")
                    continue
                self.series_file(name, self.values[start:start + size], start, numbered)
        if self.chance(0.15):
            # A file of an earlier series of the same name, which was longer.
            name = f"data_{len(starts) + 1:06d}"
            self.notes.append("left over file")
            with h5py.File(self.directory / f"s_{name}.h5", "w") as part:
                data = part.create_dataset("entry/data/data", data=numpy.full((3, self.rows, self.columns), 2, self.kind))
                data.attrs["image_nr_low"] = self.frames + 1
                data.attrs["image_nr_high"] = self.frames + 3
        return path

    def series_file(self, name, values, start, numbered):
        with h5py.File(self.directory / f"s_{name}.h5", "w") as part:
            data = self.dataset(part.create_group("entry/data"), "data", values, start)
            if numbered:
                data.attrs["image_nr_low"] = start + 1
                data.attrs["image_nr_high"] = start + len(values)

    def operate(self):
        """Flips, turns and cuts the image as Lima does, and returns what Lima writes of it."""
        record = {}
        if self.chance(0.5):
            return record
        for axis, name in ((-1, "x"), (-2, "y")):
            if self.chance(0.3):
                self.turn(lambda array: numpy.flip(array, axis))
                record[f"flipping/{name}"] = 1
        angle = self.random.choice([0, 0, 90, 180, 270])
        if angle:
            # Clockwise.
            self.turn(lambda array: numpy.rot90(array, -angle // 90, axes=(-2, -1)))
            record["rotation"] = self.random.choice([f"Rotation_{angle}", str(angle)])
        if self.chance(0.4):
            rows = sorted(self.random.sample(range(0, self.rows + 1, 2), 2))
            columns = sorted(self.random.sample(range(0, self.columns + 1, 2), 2))
            if rows[1] - rows[0] >= 20 and columns[1] - columns[0] >= 20:
                self.turn(lambda array: array[..., slice(*rows), slice(*columns)])
                record |= {
                    "region_of_interest/xstart": columns[0], "region_of_interest/xsize": columns[1] - columns[0],
                    "region_of_interest/ystart": rows[0], "region_of_interest/ysize": rows[1] - rows[0]}
        self.notes += [f"{key} {value}" for key, value in record.items()]
        return record

    def lima(self):
        if self.mask is not None:
            # Lima saves none.
            self.undecidable |= (self.mask > 0) & (self.mask < 1 << 31) & ~self.gap
        record = self.operate()
        room = self.random.choice([self.frames, 4, 5])
        starts = range(0, self.frames, room)
        lost = self.random.randrange(len(starts)) if self.chance(0.15) else None
        for index, start in enumerate(starts):
            if index == lost:
                self.lose(slice(start, start + room))
                self.faults.append("missing file")
                continue
            with h5py.File(self.directory / f"mpx_{index:04d}.h5", "w") as file:
                file.attrs["creator"] = "LIMA-1.9"
                detector = file.create_group(f"entry_0000/ESRF-ID00/{self.device}")
                detector["detector_information/name"] = self.device
                detector["detector_information/model"] = self.text
                if self.material:
                    detector["sensor_material"] = self.material
                detector["detector_information/max_image_size/xsize"] = 60
                detector["detector_information/max_image_size/ysize"] = 48
                detector["acquisition/nb_frames"] = self.frames
                for key, value in record.items():
                    detector[f"image_operation/{key}"] = value
                if self.depth:
                    sign = "S" if self.kind.kind == "i" else ""
                    detector["detector_information/image_lima_type"] = f"Bpp{self.depth}{sign}"
                part = self.values[start:start + room]
                self.lima_frames(detector, part, room, start)
                file["entry_0000/measurement/data"] = h5py.SoftLink(f"{detector.name}/data")
                if self.chance(0.95):
                    file["entry_0000/end_time"] = "2026-11-20T20:01:00Z"
                else:
                    self.faults.append("open file")
                if self.chance(0.03):
                    # Acquired again into the same file.
                    again = file.create_group(f"entry_0001/ESRF-ID00/{self.device}")
                    again["data"] = part
                    file["entry_0001/measurement/data"] = h5py.SoftLink(f"{again.name}/data")
                    self.must_refuse = True
                    self.faults.append("second acquisition")
        return self.directory / "mpx_0000.h5"

    def lima_frames(self, detector, part, room, start):
        data = detector.create_dataset(
            "data", (room, self.rows, self.columns), self.kind, chunks=(1, self.rows, self.columns),
            maxshape=(None, self.rows, self.columns))
        written = set(range(len(part)))
        if self.chance(0.1):
            gone = self.random.randrange(len(part))
            written -= set(range(gone, len(part)) if self.chance(0.5) else [gone])
            for frame in set(range(len(part))) - written:
                self.lose(start + frame)
            self.faults.append("unwritten")
        for frame in sorted(written):
            data[frame] = part[frame]

    def cxi(self):
        """The mask in CXI's bits, of which some leave a pixel usable."""
        self.maybe_transpose()
        path = self.directory / "scan.cxi"
        with h5py.File(path, "w") as file:
            file["cxi_version"] = 150
            detector = file.create_group("entry_1/instrument_1/detector_1")
            detector["description"] = self.text
            if self.material:
                detector["sensor_material"] = self.material
            if self.depth:
                detector["bit_depth_image"] = self.depth
            self.stack(detector, "data")
            if self.mask is not None:
                mask = numpy.where(self.mask & 0xFFFF, self.random.choice([1, 8, 512]), 0).astype("u4")
                mask[self.random.randrange(self.rows), self.random.randrange(self.columns)] |= 1 << 11
                detector["mask"] = mask
        return path

    def array(self):
        """A NumPy array or archive: nothing names the detector, so that a mask is given, and no depth is stated."""
        path = self.directory / f"scan{self.random.choice(['.npy', '.npz'])}"
        mask = self.gap | ~self.recorded.any(0)
        self.must_refuse = False
        self.faults = []
        self.undecidable = ~self.recorded & ~mask
        own = path.suffix == ".npz" and self.chance(0.3)
        if not own:
            self.given_mask = self.directory / "mask.npy"
            numpy.save(self.given_mask, mask.astype(self.random.choice(["u1", "?", "i4", "f4"])))
        if path.suffix == ".npy":
            order = self.chance(0.1)
            if order:
                self.faults.append("Fortran order")
            numpy.save(path, numpy.asfortranarray(self.values) if order else self.values)
        else:
            arrays = {"data": self.values} | ({"mask": mask.astype(self.random.choice(["u1", "?", "i8"]))} if own else {})
            self.random.choice([numpy.savez, numpy.savez_compressed])(path, **arrays)
        return path

    LAYOUTS = [nexus, nexus, nexus, bliss, bliss, bliss, dectris, dectris, lima, lima, cxi, array, soleil, points]
