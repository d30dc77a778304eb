/// Everything that is needed to inpaint one scan, the same from the daemon and by hand.
public struct InpaintJob: Codable, Sendable, Equatable {
    public var input: String
    /// One BLISS scan number; `nil` where the file holds one scan.
    public var scan: Int?
    /// Which of several of that number, e.g. `12.1/instrument/<detector>`; `nil` for all.
    public var entry: String?
    public var output: String
    public var settings: ProcessingSettings
    /// Tells this piece of work from all that were ever begun, those on the same scan included.
    public var ticket: String

    public init(
        input: String, scan: Int?, entry: String? = nil, output: String, settings: ProcessingSettings,
        ticket: String = ""
    ) {
        self.entry = entry
        self.ticket = ticket
        self.input = input
        self.scan = scan
        self.output = output
        self.settings = settings
    }

    /// The command line of `lacuna` that does it.
    package var arguments: [String] {
        let name = entry.map { String($0.drop { $0 == "/" }) } ?? scan.map { "\($0)" }
        let selection = name.map { ["--scan", $0] } ?? []
        return ["inpaint", input, "--output", output] + selection + settings.arguments
    }
}
