import Settings
import Testing

@Suite struct SettingsValueTests {
    private func read(_ yaml: String) throws -> [String: Int] {
        try SettingsValue(yaml: yaml, file: "test.yaml").mapping { keys throws(SettingsError) in
            let threads = try keys.required("threads").integer(in: 0...64)
            let memory = try keys["memory"]?.integer() ?? 7
            return ["threads": threads, "memory": memory]
        }
    }

    @Test func readsKnownKeysAndDefaults() throws {
        #expect(try read("threads: 2") == ["threads": 2, "memory": 7])
    }

    @Test(arguments: [
        ("threads: 2\nthread: 3", "test.yaml:2: thread: unknown key; known here: threads, memory"),
        ("threads: two", "test.yaml:1: threads: expected a whole number, found “two”"),
        ("threads: 65", "test.yaml:1: threads: 65 is not within 0…64"),
        ("memory: 1", "test.yaml:1: the key “threads” is missing"),
        ("- 1", "test.yaml:1: expected a mapping of keys to values, found a list"),
        ("threads: 2\nthreads: 3", "test.yaml:1: the key “threads” stands twice"),
    ])
    func faultsNameFileLineAndKey(yaml: String, message: String) {
        let error = #expect(throws: SettingsError.self) { try read(yaml) }
        #expect(error?.description == message)
    }

    @Test func textThatIsNotYAMLIsRefusedWithItsLine() {
        let error = #expect(throws: SettingsError.self) { try SettingsValue(yaml: "a: [1\nb: 2", file: "x") }
        #expect(error?.description.hasPrefix("x:2: not valid YAML") == true)
    }

    @Test func aTabIsCalledATab() {
        let error = #expect(throws: SettingsError.self) { try SettingsValue(yaml: "a:\n\tb: 2", file: "x") }
        #expect(error?.description.contains("a tab; indent with spaces") == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        (0...Double.greatestFiniteMagnitude, "-1.0 is not at least 0.0"),
        (0...Double.infinity, "-1.0 is not at least 0.0"),
        (0...5.0, "-1.0 is not within 0.0…5.0"), (-Double.infinity ... -2, "-1.0 is not at most -2.0"),
    ])
    func boundsAreSaidInWords(range: ClosedRange<Double>, words: String) throws {
        let value = try SettingsValue(yaml: "-1", file: "x")
        let error = #expect(throws: SettingsError.self) { try value.number(in: range) }
        #expect(error?.problem == words)
    }
}
