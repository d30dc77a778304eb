internal import Volume

/// The groups of the output file that frames are written to.
struct NexusTree {
    let file: HDF5File
    let root: HDF5Group
    let entry: HDF5Group
    /// NXdata, `/entry/data`.
    let data: HDF5Group
    /// Groups of the raw file that could not be copied, with the reason.
    private(set) var remarks: [String] = []

    /// Writes everything that is known before the first frame.
    init(_ header: InpaintedFileHeader, to file: HDF5File) throws(HDF5Failure) {
        self.file = file
        root = try file.root
        try root.setAttribute("default", to: "entry")
        try root.setAttribute("creator", to: "\(header.program) \(header.version)")
        entry = try root.createGroup("entry", nexusClass: "NXentry")
        try entry.setAttribute("default", to: "data")
        for (name, text) in [
            ("title", header.title), ("start_time", header.startTime), ("end_time", header.endTime),
            ("entry_identifier", header.identifier),
        ] {
            if let text { try entry.write(name, text) }
        }
        data = try entry.createGroup("data", nexusClass: "NXdata")
        try writeAxes(header)
        let instrument = try entry.createGroup("instrument", nexusClass: "NXinstrument")
        try Self.write(header.detector, frame: header.shape.frame, to: instrument)
        for copy in header.groupsToCopy { try take(copy) }
    }

    // MARK: Parts

    private func writeAxes(_ header: InpaintedFileHeader) throws(HDF5Failure) {
        let shape = header.shape
        var axes = [".", "y", "x"]
        if let axis = header.axis, axis.positions.count == shape.frames {
            axes[0] = Self.fieldName(for: axis.name)
            let positions = try data.write(axes[0], axis.positions)
            try positions.setAttribute("long_name", to: axis.name)
            if let units = axis.units { try positions.setAttribute("units", to: units) }
        }
        for (name, count) in [("y", shape.rows), ("x", shape.columns)] {
            let pixels = try data.write(name, (0..<count).map(Float.init))
            try pixels.setAttribute("units", to: "pixel")
        }
        try data.setAttribute("signal", to: "data")
        try data.setAttribute("axes", to: axes)
        for (index, axis) in axes.enumerated() where axis != "." {
            try data.setAttribute("\(axis)_indices", to: Int32(index))
        }
    }

    private static func write(
        _ header: DetectorHeader, frame: FrameShape, to instrument: HDF5Group
    ) throws(HDF5Failure) {
        let detector = try instrument.createGroup("detector", nexusClass: "NXdetector")
        try detector.write("description", header.description)
        let lengths = [
            ("x_pixel_size", header.xPixelSizeMetres), ("y_pixel_size", header.yPixelSizeMetres),
            ("distance", header.distanceMetres),
        ]
        for (name, metres) in lengths {
            if let metres { try detector.write(NexusField(name, .number(metres), units: "m")) }
        }
        for field in header.fields { try detector.write(field) }
        if !header.pixelMask.isEmpty {
            let shape = [frame.rows, frame.columns]
            try detector.write(
                "pixel_mask", header.pixelMask, shape: shape, storage: .deflated(chunk: shape, elementSize: 4))
        }
    }

    /// Copies a group of the raw file; one that cannot be copied is remarked on, for the frames matter more.
    private mutating func take(_ copy: GroupCopy) throws(HDF5Failure) {
        var names = copy.destination.split(separator: "/").map(String.init)
        guard let name = names.popLast() else { return }
        var parent = root
        for name in names {
            let isThere = try parent.link(name) != nil
            parent = try isThere ? parent.group(name) : parent.createGroup(name, nexusClass: "NXcollection")
        }
        guard try parent.link(name) == nil else {
            remarks.append("\(copy.path) was not copied: \(copy.destination) exists already")
            return
        }
        do {
            let source = try HDF5File(readingFrom: copy.file)
            guard try parent.copy(copy.path, from: source, as: name) else { return }
            if case .group(let group) = try parent.open(name), try group.textAttribute("NX_class") == nil {
                try group.setAttribute("NX_class", to: copy.nexusClass)
            }
        } catch let failure as HDF5Failure where failure.isLackOfSpace {
            throw failure
        } catch {
            try parent.remove(name)
            remarks.append("\(copy.path) was not copied: \(error)")
        }
    }

    /// Writes what is known only after the last frame.
    func write(_ process: InpaintingProcess, header: InpaintedFileHeader) throws(HDF5Failure) {
        let group = try entry.createGroup("inpainting", nexusClass: "NXprocess")
        try group.write("program", header.program)
        try group.write("version", header.version)
        try group.write("date", process.date)
        if let date = process.scanDate { try group.write("scan_date", date) }
        if let command = process.command { try group.write("command", command) }
        if !process.remarks.isEmpty { try group.write("remarks", process.remarks.joined(separator: "\n")) }
        try group.write("sequence_index", Int32(1))
        try group.write(
            [NexusField("method", .text(process.method))] + process.parameters, as: "parameters")
        if let model = process.model {
            let fields = [NexusField("name", .text(model.name)), NexusField("sha256", .text(model.sha256))]
            try group.write(fields, as: "model")
        }
        if !process.quality.isEmpty { try group.write(process.quality, as: "quality") }

        if !process.gaps.isEmpty {
            let gaps = try group.createGroup("gaps", nexusClass: "NXcollection")
            for (index, fields) in process.gaps.enumerated() { try gaps.write(fields, as: "gap_\(index + 1)") }
        }
        let note = try group.createGroup("source", nexusClass: "NXnote")
        try note.write("file_name", header.source.name)
        if let directory = header.source.directory { try note.write("directory", directory) }
        try note.write("dataset", header.source.dataset)
        if !header.source.frameFiles.isEmpty {
            let files = header.source.frameFiles
            try note.write("frame_files", files.map(\.path).joined(separator: "\n"))
            try note.write(
                NexusField("frame_file_sizes", .numbers(files.map { Double($0.sizeBytes) }), units: "byte"))
        }
        if let requester = header.source.requester { try note.write("requested_by", requester.rawValue) }
        try note.write(NexusField("size", .integer(header.source.sizeBytes), units: "byte"))
        try note.write("modification_time", header.source.modificationTime)
    }

    /// Adds the paths of the Coherent X-ray Imaging format, by which PyNX opens a file without being told a path.
    ///
    /// - Parameter mask: writes the mask of what is to be left free into the group it is given.
    func writeCoherentImagingGroup(
        mask: (HDF5Group) throws(HDF5Failure) -> Void
    ) throws(HDF5Failure) {
        let detector =
            try root.createGroup("entry_1", nexusClass: "NXentry")
            .createGroup("instrument_1", nexusClass: "NXinstrument")
            .createGroup("detector_1", nexusClass: "NXdetector")
        try detector.createSoftLink("data", to: "/entry/data/data")
        try mask(detector)
    }

    /// A name that NeXus allows and that no other field of `/entry/data` has.
    static func fieldName(for motor: String) -> String {
        let name = String(
            motor.unicodeScalars.map { scalar in
                let character = Character(scalar)
                return character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
            })
        let taken = ["", "data", "data_errors", "data_mask", "inpainted", "x", "y"]
        return taken.contains(name) || name.first?.isNumber == true ? "motor_\(name)" : name
    }
}

extension HDF5Group {
    /// Creates a member group of a NeXus class.
    fileprivate func createGroup(_ name: String, nexusClass: String) throws(HDF5Failure) -> HDF5Group {
        let group = try createGroup(name)
        try group.setAttribute("NX_class", to: nexusClass)
        return group
    }

    /// Opens a member that has to be a group.
    fileprivate func group(_ name: String) throws(HDF5Failure) -> HDF5Group {
        guard let group = try open(name).group else {
            throw HDF5Failure("open \(path(of: name))", reason: "not a group")
        }
        return group
    }

    fileprivate func write(_ field: NexusField) throws(HDF5Failure) {
        let dataset =
            switch field.value {
            case .text(let text): try write(field.name, text)
            case .integer(let integer): try write(field.name, Int64(integer))
            case .number(let number): try write(field.name, number)
            case .numbers(let numbers): try write(field.name, numbers)
            }
        if let units = field.units { try dataset.setAttribute("units", to: units) }
        if let meaning = field.meaning { try dataset.setAttribute("long_name", to: meaning) }
    }

    fileprivate func write(_ parameters: [NexusField], as name: String) throws(HDF5Failure) {
        let group = try createGroup(name, nexusClass: "NXparameters")
        for parameter in parameters { try group.write(parameter) }
    }
}
