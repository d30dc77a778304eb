internal import Fourier
internal import Volume

/// The arrays of one phase retrieval, the transforms between them, and their division among the cores.
struct PhasingMemory {
    typealias Values = UnsafeMutableBufferPointer<ComplexFloat>

    /// The object in real space, (frame, row, column).
    let object: AlignedBuffer<ComplexFloat>
    /// 1 inside of the support, else 0.
    let support: AlignedBuffer<UInt8>
    /// The object's images transformed, or what comes back from its spectrum.
    private let images: AlignedBuffer<ComplexFloat>
    /// For each slice, the lines of one row of the spectrum, or room for one image.
    private let rooms: AlignedBuffer<ComplexFloat>
    private let sums: AlignedBuffer<Double>
    private let transform: StepwiseFourierTransform
    private let roomCount: Int

    private var shape: VolumeShape { transform.shape }

    /// How many parts each step's work is cut into, whatever the number of cores: sums are then always alike.
    private static let slices = 16

    init(shape: VolumeShape) {
        transform = StepwiseFourierTransform(shape: shape)
        object = AlignedBuffer(count: shape.count, repeating: ComplexFloat(0))
        support = AlignedBuffer(count: shape.count, repeating: 1)
        images = AlignedBuffer(count: transform.volumeCount, repeating: ComplexFloat(0))
        roomCount = (max(transform.lineCount, shape.frame.count) + 7) / 8 * 8
        rooms = AlignedBuffer(count: Self.slices * roomCount, repeating: ComplexFloat(0))
        sums = AlignedBuffer(count: Self.slices, repeating: 0)
    }

    // MARK: Parts

    func object(frame: Int) -> Values { part(object.values, frame * shape.frame.count, shape.frame.count) }

    func support(frame: Int) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(
            rebasing: support.values[frame * shape.frame.count..<(frame + 1) * shape.frame.count])
    }

    func image(frame: Int) -> Values { part(images.values, frame * transform.imagePitch, shape.frame.count) }

    private func part(_ values: Values, _ start: Int, _ count: Int) -> Values {
        Values(rebasing: values[start..<start + count])
    }

    /// The moduli of all images, without what lies between them in memory.
    func imageModuli() -> [Float] {
        (0..<shape.frames).flatMap { image(frame: $0).map { $0.squaredModulus.squareRoot() } }
    }

    // MARK: Transforms

    /// From the object into the images.
    func forwardImage(_ frame: Int, room: Values) {
        transform.forwardImage(object(frame: frame), to: image(frame: frame), room: room)
    }

    func forwardImageInPlace(_ frame: Int, room: Values) {
        transform.forwardImage(image(frame: frame), to: image(frame: frame), room: room)
    }

    func backwardImage(_ frame: Int, room: Values) { transform.backwardImage(image(frame: frame), room: room) }

    func forwardLines(row: Int, to lines: Values) {
        transform.forwardLines(row: row, of: images.values, to: part(lines, 0, transform.lineCount))
    }

    func backwardLines(_ lines: Values, row: Int) {
        transform.backwardLines(part(lines, 0, transform.lineCount), to: images.values, row: row)
    }

    // MARK: Division

    /// Hands out each frame, with room for an image, on all cores.
    func forEachFrame(_ body: (_ frame: Int, _ room: Values) -> Void) {
        forEachSlice(of: shape.frames) { frames, _, room in
            for frame in frames { body(frame, part(room, 0, shape.frame.count)) }
        }
    }

    /// Hands out each row, with room for its lines, on all cores; returns the sum of what `body` returns.
    @discardableResult
    func forEachRow(_ body: (_ row: Int, _ lines: Values) -> Double) -> Double {
        let sums = sums.values
        forEachSlice(of: shape.rows) { rows, slice, room in
            sums[slice] = rows.reduce(0) { $0 + body($1, room) }
        }
        return sums.reduce(0, +)
    }

    private func forEachSlice(of count: Int, _ body: (_ part: Range<Int>, _ slice: Int, _ room: Values) -> Void) {
        let rooms = rooms.values
        onAllCores(Self.slices) { slice in
            let part = count * slice / Self.slices..<count * (slice + 1) / Self.slices
            body(part, slice, self.part(rooms, slice * roomCount, roomCount))
        }
    }
}
