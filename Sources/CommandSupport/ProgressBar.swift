internal import Conventions
internal import Foundation

/// A bar on the terminal for work that takes longer than a second; silent where standard error is no terminal.
package struct ProgressBar {
    private let start = ContinuousClock.now
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var lastDrawn = ContinuousClock.now
    private var isDrawn = false

    package init() {}

    /// Shows how far a stage has come.
    package mutating func show(stage: String, done: Int, total: Int) {
        let now = ContinuousClock.now
        let isDue = now - start > .seconds(1) && (now - lastDrawn > .milliseconds(100) || done == total)
        guard isTerminal, isDue, total > 0 else { return }
        write("\r\u{1B}[K\(stage) \(TextBar.text(done: done, total: total)) \(done)/\(total)")
        lastDrawn = now
        isDrawn = true
    }

    /// Removes the bar.
    package mutating func clear() {
        if isDrawn { write("\r\u{1B}[K") }
        isDrawn = false
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
