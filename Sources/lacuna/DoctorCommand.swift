import ArgumentParser
import Beamline
import CommandSupport
import Conventions
import Foundation
import ScanProcessing

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what keeps the daemon from its work, and say how to mend it.",
        discussion: """
            Run it as root or as the user of the service. Nothing is changed, but for a hidden file in each output \
            directory that vanishes at once.

            EXIT STATUS
              0 nothing keeps the daemon from its work; 1 something does.
            """)

    @Option(help: ArgumentHelp("The daemon's configuration file.", valueName: "file"))
    var config = "/etc/lacuna/lacuna.yaml"

    @Option(
        help: ArgumentHelp(
            "The user of the service (default: lacuna where root asks and that user exists, else who asks).",
            valueName: "name"))
    var user: String?

    @Flag(help: "Print one JSON object: {\"healthy\": …, \"findings\": [{check, subject, level, message, remedy}]}.")
    var json = false

    func run() async throws {
        // What is installed is found by the program's own path, which another user may not see.
        let page = ShippedFiles.path("page")
        let file = absolutePath(config)
        let serviceUser = try ServiceUser(named: user)
        try serviceUser.become()
        let findings = await Doctor(
            configurationFile: file, pageDirectory: page, user: serviceUser.name
        ).examine()
        let diagnosis = Diagnosis(findings: findings)
        if json { try printJSON(diagnosis) } else { print(diagnosis.text) }
        if !diagnosis.healthy { Foundation.exit(1) }
    }
}

/// What `lacuna doctor` prints.
private struct Diagnosis: Encodable {
    var healthy: Bool
    var findings: [Finding]

    init(findings: [Finding]) {
        healthy = !findings.contains { $0.level == .problem }
        self.findings = findings
    }

    var text: String {
        findings.map { finding in
            let mark =
                switch finding.level {
                case .ok: "✓"
                case .warning: "!"
                case .problem: "✗"
                }
            let line = "\(mark) \(finding.check) \(finding.subject): \(finding.message)".onOneLine
            return line + (finding.remedy.map { "\n    \($0)" } ?? "")
        }.joined(separator: "\n")
    }
}
