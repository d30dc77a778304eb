internal import Dispatch
internal import Synchronization

/// Produces the next element on another thread while the current one is being used.
final class Prefetch<Element: Sendable>: Sendable {
    private let queue = DispatchQueue(label: "lacuna.prefetch")
    private let produce: @Sendable (Int) throws -> Element
    private let count: Int
    private let next = Mutex<Result<Element, any Error>?>(nil)

    /// - Parameter produce: makes element `0..<count`, called in order and never twice at the same time.
    init(count: Int, produce: @escaping @Sendable (Int) throws -> Element) {
        self.count = count
        self.produce = produce
        start(0)
    }

    /// Waits for an element and starts on the one after it.
    ///
    /// - Precondition: elements are taken in order, each once.
    func take(_ index: Int) throws -> Element {
        let element = queue.sync { next.withLock { $0.take() } }
        start(index + 1)
        guard let element else { preconditionFailure("element \(index) was taken out of order") }
        return try element.get()
    }

    private func start(_ index: Int) {
        guard index < count else { return }
        queue.async { [self] in
            let result = Result { try produce(index) }
            next.withLock { $0 = result }
        }
    }
}
