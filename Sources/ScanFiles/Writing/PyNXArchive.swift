internal import Foundation

/// A filled scan as a NumPy archive for phase retrieval, in which every estimate can be told from a measurement.
///
/// | array | type | holds |
/// |---|---|---|
/// | `data` | as in the output, float32 or float64 (F, R, C) | counts, gaps filled; 0 where `mask` is 1 |
/// | `mask` | uint8 (F, R, C) | 1 = neither measured nor filled |
/// | `iobs` | the same | the same in PyNX's coding: below |
/// | `errors` | float32 (F, R, C) | standard uncertainty in counts; not a number where none is stated |
/// | `confidence_interval` | float32 (2) | within which factors of the estimates the counts lie |
///
/// In `iobs`, as PyNX's CDI takes it (Favre-Nicolin et al. 2020, J. Appl. Cryst. 53, 1404-1413), a measured voxel is its
/// counts, one that was estimated -(estimate + 1)·10¹⁹, and an unknown one less than -10³⁸. PyNX leaves an estimated
/// intensity alone while it stays within two factors of the estimate, which hold for all voxels. Those proposed here hold
/// the counts of all estimates, two stated uncertainties up and down.
public enum PyNXArchive {
    /// What PyNX takes where nothing states an uncertainty.
    static let usualInterval: [Float] = [0.5, 1.2]
    private static let unknown: Float = -1.05e38
    private static let arrays = ["data", "mask", "iobs", "errors", "confidence_interval"]

    /// What the archive's comment says, by which it is known as written here.
    private static let comment = "written by Lacuna"

    /// The right to write an archive under a name: nothing lies there, or an archive that may be replaced.
    public struct Claim: Sendable {
        let path: String
        let occupant: NameOccupant

        /// - Parameter overwrite: whether an archive that Lacuna wrote is replaced.
        /// - Throws: ``ScanFileError`` of the kind ``ScanFileError/Kind/occupied`` for all else that lies there.
        public init(_ path: String, overwrite: Bool) throws(ScanFileError) {
            self.path = path
            guard let identity = FileIdentity(at: path) else {
                occupant = .nothing
                return
            }
            guard (try? ZipArchive(path))?.comment == PyNXArchive.comment else {
                throw ScanFileError(
                    .occupied, path: path,
                    problem: "is there already and was not written by Lacuna; it is never replaced")
            }
            guard overwrite else {
                throw ScanFileError(.occupied, path: path, problem: "is there already; --overwrite replaces it")
            }
            occupant = .file(identity)
        }
    }

    /// Writes the archive of a finished output file.
    ///
    /// - Parameters:
    ///   - output: a file that ``InpaintedFileWriter`` wrote.
    public static func write(_ output: String, to claim: Claim) throws(ScanFileError) {
        let path = claim.path
        let archive = URL(filePath: path)
        let hidden =
            archive.deletingLastPathComponent().path(percentEncoded: false)
            + "/." + archive.deletingPathExtension().lastPathComponent + ".\(getpid())"
        func part(_ name: String) -> String { "\(hidden).\(name).npy" }
        defer { for file in arrays.map(part) + ["\(hidden).npz"] { unlink(file) } }
        try writeParts(of: output, to: part)
        unlink("\(hidden).npz")
        try NumpyArchiveWriter.write(
            "\(hidden).npz",
            arrays: [
                "data": part("data"), "mask": part("mask"), "iobs": part("iobs"), "errors": part("errors"),
                "confidence_interval": part("confidence_interval"),
            ], isCompressed: true, comment: comment)
        try claim.occupant.giveWay(at: path, to: "\(hidden).npz")
    }

    private static func writeParts(of output: String, to part: (String) -> String) throws(ScanFileError) {
        let scan = try StoredScan(output)
        // Counts that 32 bits would round stay as they were measured.
        if scan.type == .float64 {
            try writeParts(of: scan, as: Double.self, .float64, to: part)
        } else {
            try writeParts(of: scan, as: Float.self, .float32, to: part)
        }
    }

    private static func writeParts<Count: BinaryFloatingPoint & HDF5Number>(
        of scan: StoredScan, as _: Count.Type, _ type: ElementType, to part: (String) -> String
    ) throws(ScanFileError) {
        let shape = scan.shape
        let data = try NumpyFileWriter(creating: part("data"), type: type, shape: shape)
        let mask = try NumpyFileWriter(creating: part("mask"), type: .uint8, shape: shape)
        let iobs = try NumpyFileWriter(creating: part("iobs"), type: type, shape: shape)
        let errors = try NumpyFileWriter(creating: part("errors"), type: .float32, shape: shape)
        // Sums over the estimates: of themselves, and of both ends of their intervals.
        var (estimates, lowest, highest) = (0.0, 0.0, 0.0)
        for index in 0..<shape[0] {
            let frame = try scan.frame(index)
            var counts = frame.counts.map { Count($0) }
            var coded = counts
            for pixel in counts.indices {
                if frame.isUnusable[pixel] != 0 {
                    counts[pixel] = 0
                    coded[pixel] = Count(unknown)
                } else if frame.isEstimate[pixel] != 0 {
                    let (estimate, error) = (frame.counts[pixel], Double(frame.errors[pixel]))
                    coded[pixel] = -(counts[pixel] + 1) * 1e19
                    guard error.isFinite else { continue }
                    estimates += estimate
                    lowest += max(0, estimate - 2 * error)
                    highest += estimate + 2 * error
                }
            }
            try data.append(counts)
            try mask.append(frame.isUnusable)
            try iobs.append(coded)
            try errors.append(frame.errors)
        }
        let interval = estimates > 0 ? [Float(lowest / estimates), Float(highest / estimates)] : usualInterval
        try NumpyFileWriter(creating: part("confidence_interval"), type: .float32, shape: [2]).append(interval)
    }
}

/// The frames of an output file.
private struct StoredScan {
    struct Frame {
        var counts: [Double]
        var errors: [Float]
        var isUnusable: [UInt8]
        var isEstimate: [UInt8]
    }

    let shape: [Int]
    /// Of the counts.
    let type: ElementType?
    private let path: String
    private let counts: StoredFrameReader
    private let errors: StoredFrameReader
    private let unusable: StoredFrameReader
    private let estimates: StoredFrameReader

    init(_ path: String) throws(ScanFileError) {
        self.path = path
        let file = try HDF5File(readingFrom: path)
        do throws(HDF5Failure) {
            let group = try file.root.open("entry").group?.open("data").group
            func dataset(_ name: String) throws(HDF5Failure) -> HDF5Dataset {
                guard let dataset = try group?.open(name).dataset else {
                    throw HDF5Failure("read /entry/data/\(name)", reason: "it is not there")
                }
                return dataset
            }
            let data = try dataset("data")
            (shape, type) = (data.shape, data.elementType)
            counts = try StoredFrameReader(dataset("data"))
            errors = try StoredFrameReader(dataset("data_errors"))
            unusable = try StoredFrameReader(dataset("data_mask"))
            estimates = try StoredFrameReader(dataset("inpainted"))
        } catch {
            throw ScanFileError(path: path, problem: "cannot be read back: \(error.reason)")
        }
    }

    func frame(_ index: Int) throws(ScanFileError) -> Frame {
        do throws(HDF5Failure) {
            let pixels = 0..<shape[1] * shape[2]
            let (counts, errors) = try (counts.frame(index), errors.frame(index))
            let (unusable, estimates) = try (unusable.frame(index), estimates.frame(index))
            return Frame(
                counts: pixels.map { counts.value($0) }, errors: pixels.map { errors[$0] },
                isUnusable: pixels.map { UInt8(unusable[$0]) }, isEstimate: pixels.map { UInt8(estimates[$0]) })
        } catch {
            throw ScanFileError(path: path, problem: "frame \(index) cannot be read back: \(error.reason)")
        }
    }
}
