import Foundation
import Testing

/// Every bad input ends with its exit code and a message that names the file, what was found and what was expected.
@Suite struct BadInputTests {
    @Test(arguments: BadInput.all.filter { !$0.asNobody || Nobody.isPossible })
    func aBadInputIsNamedAndNothingIsLeft(_ input: BadInput) async throws {
        try await withTemporaryDirectory { root in
            defer { chmod(root.appending(path: "case").path(percentEncoded: false), 0o755) }
            let bench = try await aside { try BadInputBench(in: root, for: input) }
            let before = try bench.listing()
            let result = try await aside { try bench.run(input) }
            let message = input.code == 0 ? result.output : result.errors
            BadInputReport.add(
                input.name, at: input.index, code: result.status, message: message, directory: bench.place.directory)

            #expect(result.status == input.code, "\(message)")
            for fragment in input.says { #expect(message.contains(fragment), "\(message)") }
            var after = try bench.listing()
            if input.code == 0 {
                let added = Set(after.keys).subtracting(before.keys)
                let output = try #require(added.first)
                #expect(added.count == 1 && output.hasSuffix("_inpainted.h5"), "\(added)")
                try input.check?(bench.place.path(output))
                after[output] = nil
            } else {
                #expect(result.output.isEmpty)
                #expect(message.hasPrefix("lacuna: ") && message.dropLast().allSatisfy { !$0.isNewline }, "\(message)")
                #expect(message.contains(input.names ?? input.file), "\(message)")
            }
            #expect(after == before)
        }
    }

    @Test func everyNameStandsOnce() {
        #expect(Set(BadInput.all.map(\.name)).count == BadInput.all.count)
        #expect(BadInput.all.count >= 45)
    }

    @Test func aNameThatIsNotTextIsRefused() async throws {
        try await withTemporaryDirectory { root in
            let path = root.path(percentEncoded: false)
            let command = "exec \"$0\" inpaint \"$1/\"$'tiny\\xff.npy'"
            let executable = LacunaProcess.executable.path(percentEncoded: false)
            let result = try await LacunaProcess.run(URL(filePath: "/bin/bash"), ["-c", command, executable, path])
            BadInputReport.add(
                "name that is not UTF-8", at: 1000, code: result.status, message: result.errors, directory: root)
            #expect(result.status == 3)
            #expect(result.errors.contains("tiny\u{FFFD}.npy") && result.errors.contains("not valid UTF-8"))
        }
    }
}
