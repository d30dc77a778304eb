import Foundation
import Synchronization
import TestSupport
import Testing
import WorkMessages

@testable import ScanProcessing

@Suite struct MemoryWatchTests {
    @Test func memoryBeyondTheLimitIsNoticed() async throws {
        let reasons = Mutex<[String]>([])
        // Other tests run in this process meanwhile, and may take some memory of their own.
        let limit = MemoryWatch.residentMiB() + 1_000
        #expect(limit > 1_000)
        MemoryWatch.watch(aboveMiB: limit) { reason in reasons.withLock { $0.append(reason) } }
        #expect(reasons.withLock { $0 } == [])
        let held = [UInt8](repeating: 1, count: 1_100 << 20)
        try await eventually("noticed", within: .seconds(60)) { !reasons.withLock(\.isEmpty) }
        #expect(reasons.withLock { $0 } == ["needs more than \(limit) MiB of memory"])
        withExtendedLifetime(held) {}
    }
}
