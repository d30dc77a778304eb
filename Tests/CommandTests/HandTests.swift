import Foundation
import TestSupport
import Testing

@testable import ScanFiles

/// What people do at a terminal: interrupt, choose threads, write masks.
@Suite struct HandTests {
    /// By ^C, or since the program that ran it has gone, whatever becomes of its output streams.
    @Test(arguments: [true, false]) func anInterruptedScanLeavesNothingBehind(isInterrupted: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(in: directory)
            let scan = try await LongScan.write(in: daemon)
            let process = Process()
            process.executableURL = LacunaProcess.executable
            process.arguments =
                ["inpaint", scan.plainPath, "--method", "linear", "--detector", "maxipix-2x2"]
                + (isInterrupted ? [] : ["--piped"])
            let input = Pipe()
            process.standardInput = isInterrupted ? FileHandle.nullDevice : input
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            let executioner = process.killIfItHangs()
            defer { executioner.cancel() }
            try await eventually("the output is begun", within: .seconds(120)) {
                try LongScan.hasPartialOutput(daemon.data) || !process.isRunning
            }
            if isInterrupted {
                kill(process.processIdentifier, SIGINT)
            } else {
                try input.fileHandleForWriting.close()
            }
            try await eventually("it ends", within: .seconds(60)) { !process.isRunning }
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == (isInterrupted ? 128 + SIGINT : 1))
            #expect(try FileManager.default.contentsOfDirectory(atPath: daemon.data.plainPath) == ["long.npy"])
        }
    }

    @Test(arguments: ["kriging", "network"]) func theNumberOfThreadsChangesNoByte(method: String) async throws {
        try await withTemporaryDirectory { directory in
            let scan = try await Simulated.scan(
                in: directory, ["--frames", "40", "--roi", "72", "80", "--no-truth", "--counts", "1e5"])
            var outputs: [Voxels] = []
            for threads in ["1", "2", "5"] {
                let output = directory.appending(path: "threads\(threads).h5").plainPath
                let result = try await LacunaProcess.run(
                    "inpaint", scan.plainPath, "--method", method, "--threads", threads, "--output", output)
                try #require(result.status == 0, "\(result.errors)")
                outputs.append(try Voxels(of: URL(filePath: output)))
            }
            #expect(outputs[0] == outputs[1] && outputs[0] == outputs[2])
            #expect(outputs[0].inpainted.contains(1))
        }
    }

    @Test func aMaskIsTheSameInAllFormats() async throws {
        try await withTemporaryDirectory { directory in
            for name in ["npy", "h5", "png", "tif", "tiff"] {
                let output = directory.appending(path: "mask.\(name)").plainPath
                let result = try await LacunaProcess.run("mask", "maxipix-2x2", "--output", output)
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.output.contains("\(2 * 6 * 516 - 36) of \(516 * 516) pixels masked"))
            }
            let expected = (0..<516 * 516).map { pixel -> UInt8 in
                (255..<261).contains(pixel / 516) || (255..<261).contains(pixel % 516) ? 1 : 0
            }
            let npy = try Data(contentsOf: directory.appending(path: "mask.npy"))
            #expect([UInt8](npy.suffix(516 * 516)) == expected)
            let group = try HDF5File(readingFrom: directory.appending(path: "mask.h5").plainPath).root
            let name = try #require(try group.names().first)
            let dataset = try #require(try group.open(name).dataset)
            #expect(try dataset.read() as [UInt8] == expected)
            let png = [UInt8](try Data(contentsOf: directory.appending(path: "mask.png")))
            #expect(png.prefix(4) == [0x89, 0x50, 0x4e, 0x47])
            // Width and height of the header.
            #expect(png[16..<24] == [0, 0, 2, 4, 0, 0, 2, 4])
            for name in ["npy", "h5", "png", "tif", "tiff"] {
                let path = directory.appending(path: "mask.\(name)").plainPath
                let bits = try RecordedMask.open(path, for: nil).bits()
                #expect(bits.map { $0 == 0 ? 0 : 1 } == expected, "\(name)")
                // One that is there is replaced.
                #expect(try await LacunaProcess.run("mask", "maxipix-2x2", "--output", path).status == 0)
            }
            let refused = try await LacunaProcess.run("mask", "maxipix-2x2", "--output", "mask.gif")
            #expect(refused.status == 2 && refused.errors.contains("mask.gif"))
        }
    }

    /// A child that outlived its daemon would work beside the next one's.
    @Test func childrenEndWithADaemonThatIsKilled() async throws {
        try await withTemporaryDirectory { directory in
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0", rest: "processing: {method: linear}")
            try await LongScan.write(in: daemon)
            try await daemon.startAndWait()
            try await eventually("the scan is in work", within: .seconds(120)) {
                try LongScan.hasPartialOutput(daemon.data)
            }
            let parent = try #require(daemon.process).processIdentifier
            let children = Self.children(of: parent)
            #expect(!children.isEmpty)
            try daemon.signal(SIGKILL)
            _ = try await daemon.end(within: .seconds(60))
            try await eventually("the children end", within: .seconds(30)) {
                children.allSatisfy { kill($0, 0) != 0 || Self.isZombie($0) }
            }
        }
    }

    private static func children(of parent: Int32) -> [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.filter { fields(of: $0)?.parent == parent }
    }

    private static func isZombie(_ process: Int32) -> Bool { fields(of: process)?.state == "Z" }

    private static func fields(of process: Int32) -> (state: String, parent: Int32)? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let rest = text.split(separator: ")").last?.split(separator: " "), rest.count > 1,
            let parent = Int32(rest[1])
        else { return nil }
        return (String(rest[0]), parent)
    }
}
