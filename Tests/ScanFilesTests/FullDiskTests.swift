import Foundation
import Testing
import Volume

@testable import ScanFiles

/// Runs where file systems may be mounted, as in a container with its own root.
@Suite(.serialized) struct FullDiskTests {
    private typealias Sample = InpaintedFileSample

    static let canMount: Bool = {
        let directory = FileManager.default.temporaryDirectory.appending(path: "lacuna-mount-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            return try withDisk(kilobytes: 64, at: directory.path()) { true }
        } catch {
            return false
        }
    }()

    /// From a disk that takes nothing to one that lacks the last block, every step of writing fails once.
    @Test(.enabled(if: canMount, "mounting is not permitted"))
    func aFullDiskIsNamedAndNothingIsLeft() throws {
        try withTemporaryDirectory { directory in
            let shape = VolumeShape(frames: 6, rows: 80, columns: 90)
            var header = Sample.header()
            header.shape = shape
            header.detector.pixelMask = []
            header.axis = nil
            var noise = SystemRandomNumberGenerator()
            let counts = Volume(
                shape: shape, storage: (0..<shape.count).map { _ in Float.random(in: 0..<1, using: &noise) })
            let none = PixelMask(shape: shape.frame)
            let masks = FrameMasks(inpainted: none, unusable: none)
            try Sample.write(counts, to: "\(directory)/scan.h5", header: header, masks: { _ in masks })
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/scan.h5")
            let size = try #require(attributes[.size] as? Int)
            try FileManager.default.removeItem(atPath: "\(directory)/scan.h5")

            for kilobytes in stride(from: 4, to: size / 1024 - 4, by: 4) {
                try withDisk(kilobytes: kilobytes, at: directory) { () throws in
                    let error = #expect(throws: ScanFileError.self, "\(kilobytes) kB") {
                        try Sample.write(counts, to: "\(directory)/scan.h5", header: header, masks: { _ in masks })
                    }
                    #expect(error?.kind == .outputFull)
                    #expect(
                        error?.description.hasSuffix("No space left on device") == true,
                        "\(kilobytes) kB: \(error?.description ?? "")")
                    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
                }
            }
            #expect(try openFiles(in: directory) == [])
        }
    }

    @Test(.enabled(if: canMount, "mounting is not permitted"))
    func aReadOnlyDiskIsNamed() throws {
        try withTemporaryDirectory { directory in
            try withDisk(kilobytes: 64, options: "ro", at: directory) {
                let error = #expect(throws: ScanFileError.self) {
                    try InpaintedFileWriter(path: "\(directory)/scan.h5", header: Sample.header())
                }
                #expect(error?.description == "\(directory)/scan.h5: cannot be created: Read-only file system")
            }
        }
    }

    /// What this process still has open there or in memory instead.
    private func openFiles(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
            .filter { $0.hasPrefix(directory) || $0.contains("memfd:discarded") }
    }
}

/// Runs `body` with a disk of the given size mounted.
private func withDisk<Result>(
    kilobytes: Int, options: String = "rw", at directory: String, _ body: () throws -> Result
) throws -> Result {
    try run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k,\(options)", "tmpfs", directory)
    defer { try? run("umount", directory) }
    return try body()
}

private func run(_ command: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableNotLoadable) }
}
