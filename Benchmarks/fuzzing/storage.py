"""Ways in which the frames of a random scan lie on disk."""

import os

import h5py
import hdf5plugin
import numpy


class Storage:
    def options(self, frames):
        """Chunks and filters of a dataset."""
        rows, columns = self.rows, self.columns
        chunks = self.random.choice([
            None, (1, rows, columns), (1, rows, columns), (1, rows // 2, columns // 2), (1, 17, 23),
            (3, rows // 2, columns // 2), (frames, 8, 8)])
        if chunks is None:
            return {}
        chunks = (min(chunks[0], frames), min(chunks[1], rows), min(chunks[2], columns))
        options = {"chunks": chunks} | self.random.choice([
            {}, {}, {"compression": "gzip", "compression_opts": 1}, {"compression": "gzip", "shuffle": True},
            {"fletcher32": True}, {"shuffle": True, "fletcher32": True}, dict(hdf5plugin.Bitshuffle(cname="lz4")),
            dict(hdf5plugin.Bitshuffle(cname="none")), dict(hdf5plugin.LZ4())])
        if self.chance(0.05):
            # Not every machine has the plugin.
            self.faults.append("filter")
            options = {"chunks": chunks} | self.random.choice([
                {"compression": "lzf"}, dict(hdf5plugin.Bitshuffle(cname="zstd")), dict(hdf5plugin.Zstd()),
                dict(hdf5plugin.Blosc(cname="lz4"))])
        if self.chance(0.3):
            options["maxshape"] = (None, rows, columns)
        if self.chance(0.2):
            options["fillvalue"] = self.random.choice([1, 7, 100])
        return options

    def dataset(self, group, name, values, first=0, may_fail=True):
        """A dataset of frames, of which some may never have been written."""
        written = set(range(len(values)))
        options = self.options(len(values))
        whole_frames = options.get("chunks", (0,))[0] == 1
        if may_fail and whole_frames and self.chance(0.08):
            lost = set(self.random.sample(sorted(written), min(len(written), self.random.randrange(1, 3))))
            if len(written) > 1 and self.chance(0.5):
                lost = set(range(self.random.randrange(1, len(values)), len(values)))
            written -= lost
            self.faults.append("unwritten")
            for frame in lost:
                self.lose(first + frame)
        data = group.create_dataset(name, values.shape, values.dtype, **options)
        for frame in sorted(written):
            data[frame] = values[frame]
        return data

    def stack(self, group, name):
        """The frames below a group: direct, virtual or in raw files."""
        way = self.random.choice([
            "direct", "direct", "whole", "blocks", "interleaved", "modules", "nested", "narrow", "overlap", "within",
            "raw"])
        if way == "modules" and self.gap[22:26, :].mean() < 1:
            way = "whole"
        if way == "modules":
            # No module has the spaces between.
            self.values[:, 22:26] = self.values[:, :, 28:32] = 0
            self.recorded[:, 22:26] = self.recorded[:, :, 28:32] = False
        self.notes.append(way)
        if way == "direct":
            return self.dataset(group, name, self.values)
        if way == "raw":
            return self.raw(group, name)
        if way == "nested":
            # A virtual dataset over virtual datasets.
            layout = h5py.VirtualLayout(self.values.shape, self.kind)
            for index, (frames, _, _) in enumerate(self.parts("blocks")):
                with h5py.File(self.directory / f"{name}_middle_{index}.h5", "w") as file:
                    self.virtual(file, "v", "whole", frames, f"middle_{index}")
                shape = self.values[frames].shape
                layout[frames] = h5py.VirtualSource(f"{name}_middle_{index}.h5", "v", shape, self.kind)
            return group.create_virtual_dataset(name, layout, fillvalue=0)
        return self.virtual(group, name, way, slice(None), name)

    def virtual(self, group, name, way, window, stem):
        """A virtual dataset of the frames of a window."""
        values, places = self.values[window], numpy.arange(self.frames)[window]
        kind = self.kind
        if way == "narrow" and not self.is_float and self.kind.itemsize > 1:
            # The virtual dataset is of a wider type than its sources.
            kind = numpy.dtype({"u": "u8", "i": "i8"}[self.kind.kind])
        layout = h5py.VirtualLayout(values.shape, kind)
        for index, (frames, rows, columns) in enumerate(self.parts(way, len(values))):
            part, place = values[frames, rows, columns], places[frames]
            path = self.directory / f"{stem}_{index}.h5"
            fate = self.random.choice(["there"] * 15 + ["missing", "short", "unmapped"])
            kept = len(part)
            if fate == "short" and kept > 1:
                kept = self.random.randrange(1, len(part))
                self.lose(place[kept:], (rows, columns))
                self.faults.append("short source")
            if way == "within":
                # Nothing tells that these are no stack of their own.
                self.faults.append("within")
                group.file.create_dataset(f"hidden/{stem}_{index}", data=part[:kept], chunks=(1, *part.shape[1:]))
                file, dataset = ".", f"hidden/{stem}_{index}"
                fate = "there" if fate == "missing" else fate
            else:
                with h5py.File(path, "w") as source:
                    source.create_dataset("d", data=part[:kept], chunks=(1, *part.shape[1:]))
                file, dataset = path.name if self.chance(0.7) else str(path), "d"
            if fate == "unmapped":
                self.lose(place, (rows, columns))
                self.faults.append("unmapped source")
                continue
            if way == "overlap" and index == 0:
                # Something else is mapped first, and then covered.
                with h5py.File(self.directory / f"{stem}_below.h5", "w") as below:
                    below.create_dataset("d", data=numpy.full(part.shape, 5, self.kind), chunks=(1, *part.shape[1:]))
                layout[frames, rows, columns] = h5py.VirtualSource(
                    f"{stem}_below.h5", "d", part.shape, self.kind)
            layout[frames, rows, columns] = h5py.VirtualSource(file, dataset, part.shape, self.kind)
            if fate == "missing":
                path.unlink()
                self.lose(place, (rows, columns))
                self.faults.append("missing source")
            if way == "overlap" and fate != "there":
                # What shows through is what HDF5 makes of it.
                self.faults.append("overlap")
        return group.create_virtual_dataset(name, layout, fillvalue=self.random.choice([0, 0, 9]))

    def parts(self, way, frames=None):
        """(frames, rows, columns) of each source."""
        frames = frames or self.frames
        every = slice(None)
        if way in ("whole", "narrow", "within"):
            return [(every, every, every)]
        if way == "modules":
            rows, columns = (slice(0, 22), slice(26, 48)), (slice(0, 28), slice(32, 60))
            return [(every, row, column) for row in rows for column in columns]
        count = min(frames, self.random.choice([2, 3]))
        if way == "interleaved":
            return [(slice(writer, None, count), every, every) for writer in range(count)]
        size = -(-frames // count)
        return [(slice(start, min(start + size, frames)), every, every) for start in range(0, frames, size)]

    def raw(self, group, name):
        """External storage: one file or several, from an offset on, perhaps short."""
        data = self.values.tobytes()
        space, create = h5py.h5s.create_simple(self.values.shape), h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        frame = len(data) // self.frames
        pieces = [data]
        if self.chance(0.4):
            cut = self.random.randrange(1, self.frames) * frame
            pieces = [data[:cut], data[cut:]]
        done = 0
        for index, piece in enumerate(pieces):
            path = self.directory / f"{name}_{index}.raw"
            offset = self.random.choice([0, 0, 512])
            written = piece
            if self.chance(0.15):
                frames = self.random.randrange(len(piece) // frame)
                written = piece[:frames * frame]
                if self.chance(0.3):
                    written += piece[len(written):len(written) + frame // 2]
                self.lose(slice((done + frames * frame) // frame, (done + len(piece)) // frame))
                self.faults.append("short raw file")
            path.write_bytes(b"h" * offset + written)
            create.set_external(os.fsencode(path.name if self.chance(0.7) else str(path)), offset, len(piece))
            done += len(piece)
        return h5py.h5d.create(group.id, name.encode(), h5py.h5t.py_create(self.kind), space, create)
