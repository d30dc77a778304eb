internal import Conventions
package import WorkMessages

extension CurrentWork {
    /// The scan as people name it.
    package var name: String { AbsolutePath.name(of: file) + (scan.map { " scan \($0)" } ?? "") }

    /// One line for people.
    package var summary: String {
        var text = name
        if let stage { text += ": \(stage)" }
        if let done, let total, total > 0 { text += " \(done)/\(total)" }
        if let etaSeconds { text += ", about \(Int(etaSeconds.rounded(.up))) s left" }
        return text
    }
}
