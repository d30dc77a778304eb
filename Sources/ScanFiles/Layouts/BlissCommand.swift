/// The command that a BLISS scan's title repeats, e.g. `ascan eta 18 19 50 1`.
struct BlissCommand {
    /// The motors that it moves, the fastest first.
    private(set) var motors: [String] = []
    /// The number of points that it asks for; `nil` for commands that are not known.
    private(set) var points: Int?

    init(title: String?) {
        let words = (title ?? "").split { " ,()\t".contains($0) }.map(String.init)
        guard let command = words.first?.lowercased() else { return }
        if let axes = Self.axes(of: command) {
            // a2scan m1 start1 stop1 m2 start2 stop2 intervals time
            guard words.count > 3 * axes + 1, let intervals = Self.intervals(words[3 * axes + 1]) else { return }
            motors = (0..<axes).map { words[1 + 3 * $0] }
            points = intervals + 1
        } else if ["amesh", "dmesh"].contains(command), words.count > 8, let fast = Self.intervals(words[4]),
            let slow = Self.intervals(words[8])
        {
            motors = [words[1], words[5]]
            points = (fast + 1) * (slow + 1)
        } else if command == "loopscan", words.count > 1 {
            points = Self.intervals(words[1])
        } else if command == "ct" {
            points = 1
        }
    }

    /// The number of motors of `ascan`, `dscan`, `a2scan`, `d3scan`, …
    private static func axes(of command: String) -> Int? {
        guard command.hasSuffix("scan"), let first = command.first, "ad".contains(first) else { return nil }
        let count = command.dropFirst().dropLast(4)
        // More than nine motors is no command of BLISS.
        return count.isEmpty ? 1 : Int(count).flatMap { (1...9).contains($0) ? $0 : nil }
    }

    /// A number of points or intervals; `nil` for one that no scan can have.
    private static func intervals(_ word: String) -> Int? {
        Int(word).flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil }
    }
}
