internal import Foundation
internal import Glibc

/// What this process takes of the machine, as proc(5) tells.
package struct ProcessUse {
    /// Processor time of this process.
    var processorSeconds: Double
    /// Processor time of the child processes that have ended.
    var childSeconds: Double
    var residentBytes: Int?
    var virtualBytes: Int?
    var openDescriptors: Int?
    var descriptorLimit: Int

    package static var now: ProcessUse {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            .prefix(2).compactMap { Int($0) }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let pageSize = Int(getpagesize())
        return ProcessUse(
            processorSeconds: seconds(RUSAGE_SELF.rawValue),
            childSeconds: seconds(RUSAGE_CHILDREN.rawValue),
            residentBytes: pages?.last.map { $0 * pageSize }, virtualBytes: pages?.first.map { $0 * pageSize },
            openDescriptors: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count,
            descriptorLimit: Int(clamping: limit.rlim_cur)
        )
    }

    private static func seconds(_ who: __rusage_who_t) -> Double {
        var usage = rusage()
        getrusage(who, &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}
