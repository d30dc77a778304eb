import Beamline
import Conventions
import Foundation

/// Removes what is half-written when the program is told to end.
final class OutputCleanup {
    private let sources: [any DispatchSourceSignal]

    init(output: String) {
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                OutputName.removeTemporaries(of: output)
                _exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
