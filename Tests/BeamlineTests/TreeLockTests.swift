import Foundation
import TestSupport
import Testing

@testable import Beamline

@Suite struct TreeLockTests {
    let directory: TemporaryDirectory
    let first: String

    init() throws {
        directory = try TemporaryDirectory()
        first = try directory.makeDirectory("data/first")
        _ = try directory.makeDirectory("data/first/inner")
        _ = try directory.makeDirectory("data/second")
    }

    @Test(arguments: ["data/first", "data", "data/first/inner", "link"])
    func aTreeIsHeldAlone(other: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/link", withDestinationPath: first)
        let lock = TreeLock()
        try lock.hold([first])
        let tree = "\(directory.path)/\(other)"
        #expect(throws: BeamlineError.treeInUse(tree, process: getpid())) { try TreeLock().hold([tree]) }
        withExtendedLifetime(lock) {}
    }

    @Test func treesBesideEachOtherAndWithinOneDaemonAreFree() throws {
        let (lock, other) = (TreeLock(), TreeLock())
        try lock.hold([first, "\(first)/inner", first, "\(directory.path)/missing"])
        try other.hold(["\(directory.path)/data/second"])
        withExtendedLifetime((lock, other)) {}
    }

    @Test func aRefusedChangeKeepsWhatWasHeld() throws {
        let (lock, other) = (TreeLock(), TreeLock())
        let second = "\(directory.path)/data/second"
        try lock.hold([first])
        try other.hold([second])
        #expect(throws: BeamlineError.treeInUse(second, process: getpid())) { try lock.hold([first, second]) }
        #expect(throws: BeamlineError.treeInUse(first, process: getpid())) { try other.hold([first, second]) }
        try lock.hold([])
        try other.hold([first, second])
        withExtendedLifetime((lock, other)) {}
    }
}
