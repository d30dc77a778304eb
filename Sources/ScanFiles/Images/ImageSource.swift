internal import Volume

/// Frames in image files; nothing is read for a frame whose file is not there.
struct ImageSource: FrameSource {
    private let images: [ImageLocation?]
    private let form: ImageFile.Form
    /// The file that was read last, which may hold the next frames too.
    private var open: (path: String, file: OpenFile)?

    private enum OpenFile {
        case plain(ByteStream)
        case gzip(GzipStream)
        case tiff(TIFFFile)
    }

    init(_ images: [ImageLocation?], form: ImageFile.Form) {
        self.images = images
        self.form = form
    }

    mutating func read(
        frames: Range<Int>, frameBytes: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        for (index, image) in images[frames].enumerated() {
            let target = UnsafeMutableRawBufferPointer(
                rebasing: buffer[index * frameBytes..<(index + 1) * frameBytes])
            guard let image else {
                target.initializeMemory(as: UInt8.self, repeating: 0)
                continue
            }
            try read(image, into: target)
        }
    }

    private mutating func read(
        _ image: ImageLocation, into target: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        switch image.place {
        case .page(let page):
            try tiff(image.file).read(page: page, form, into: target)
        case .bytes(let offset, let isBigEndian, let isGzipped):
            if isGzipped {
                let stream = try gzip(image.file, before: offset)
                try stream.skip(offset - stream.position)
                try stream.read(into: target)
                // After the last image nothing but padding may follow, and the checksum tells of damage anywhere.
                if stream.statedSize - stream.position < 512 {
                    try stream.skip(max(0, stream.statedSize - stream.position))
                    try stream.finish()
                }
            } else {
                try plain(image.file).read(into: target, at: offset)
            }
            if isBigEndian { target.swapBytes(ofSize: form.elementType.size) }
        }
    }

    private mutating func tiff(_ path: String) throws(ScanFileError) -> TIFFFile {
        if let open, open.path == path, case .tiff(let file) = open.file { return file }
        let file = try TIFFFile(path)
        open = (path, .tiff(file))
        return file
    }

    private mutating func plain(_ path: String) throws(ScanFileError) -> ByteStream {
        if let open, open.path == path, case .plain(let file) = open.file { return file }
        let file = try ByteStream(file: path)
        open = (path, .plain(file))
        return file
    }

    private mutating func gzip(_ path: String, before offset: Int) throws(ScanFileError) -> GzipStream {
        if let open, open.path == path, case .gzip(let file) = open.file, file.position <= offset { return file }
        let file = try GzipStream(ByteStream(file: path), path: path)
        open = (path, .gzip(file))
        return file
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Puts the bytes of each value into the opposite order.
    func swapBytes(ofSize size: Int) {
        switch size {
        case 2: swap(bindMemory(to: UInt16.self))
        case 4: swap(bindMemory(to: UInt32.self))
        case 8: swap(bindMemory(to: UInt64.self))
        default: break
        }
    }

    private func swap(_ words: UnsafeMutableBufferPointer<some FixedWidthInteger>) {
        for index in words.indices { words[index] = words[index].byteSwapped }
    }
}
