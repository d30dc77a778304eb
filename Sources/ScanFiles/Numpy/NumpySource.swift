/// Frames in a NumPy array.
struct NumpySource: FrameSource {
    private enum Bytes {
        case file(ByteStream)
        case member(ZipStream, name: String)
    }

    private let location: NumpyLocation
    private var bytes: Bytes

    init(_ location: NumpyLocation) throws(ScanFileError) {
        self.location = location
        bytes =
            if let member = location.member {
                .member(try ZipStream(path: location.file, member: member), name: member)
            } else {
                .file(try ByteStream(file: location.file))
            }
    }

    mutating func read(
        frames: Range<Int>, frameBytes: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        let offset = location.header.dataOffset + frames.lowerBound * frameBytes
        switch bytes {
        case .file(let stream):
            try stream.read(into: buffer, at: offset)
        case .member(var stream, let name):
            if stream.position > offset {
                stream = try ZipStream(path: location.file, member: name)
                bytes = .member(stream, name: name)
            }
            try stream.skip(offset - stream.position)
            try stream.read(into: buffer)
            // Reading past the last value makes libzip verify the checksum.
            if offset + buffer.count == location.header.dataOffset + location.header.dataSize {
                _ = try stream.read(upTo: 1)
            }
        }
        if location.header.isBigEndian { swapBytes(of: buffer, size: location.header.elementType.size) }
    }

    private func swapBytes(of buffer: UnsafeMutableRawBufferPointer, size: Int) {
        switch size {
        case 2: swap(buffer.bindMemory(to: UInt16.self))
        case 4: swap(buffer.bindMemory(to: UInt32.self))
        case 8: swap(buffer.bindMemory(to: UInt64.self))
        default: break
        }
    }

    private func swap(_ words: UnsafeMutableBufferPointer<some FixedWidthInteger>) {
        for index in words.indices { words[index] = words[index].byteSwapped }
    }
}
