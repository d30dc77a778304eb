internal import Foundation
internal import Glibc

/// Ends a child process when the daemon that started it is gone, even if that was killed.
public enum ParentWatch {
    /// Starts a thread that ends this process as soon as its standard input is closed.
    ///
    /// The daemon holds the other end of the pipe and never writes to it; the kernel closes it when the daemon dies.
    /// - Parameter beforeExit: runs on that thread right before the end, e.g. to remove a temporary file.
    public static func exitWhenParentDies(beforeExit: @escaping @Sendable () -> Void = {}) {
        Thread.detachNewThread {
            waitForEndOfInput()
            beforeExit()
            _exit(1)
        }
    }

    private static func waitForEndOfInput() {
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }
}
