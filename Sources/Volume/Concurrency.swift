internal import Dispatch

/// Runs `body` for 0 ..< `count` on all cores and returns when all is done.
///
/// - Parameter body: no two calls may write to the same memory.
public func onAllCores(_ count: Int, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
        // Safe to share: the callers keep apart what the calls write, and no call outlives this function.
        nonisolated(unsafe) let body = body
        DispatchQueue.concurrentPerform(iterations: count) { body($0) }
    }
}

/// Transforms each number of a range, on all cores; the results stand in order.
public func concurrentMap<Result>(_ range: Range<Int>, _ transform: (Int) -> Result) -> [Result] {
    [Result](unsafeUninitializedCapacity: range.count) { results, count in
        onAllCores(range.count) { index in
            results.initializeElement(at: index, to: transform(range.lowerBound + index))
        }
        count = range.count
    }
}
