import Foundation
import ScanFiles
import Testing

// What is no readable file, names that are hard to handle, and outputs that cannot be written.
extension BadInput {
    static let places: [BadInput] = [
        BadInput(name: "file that is not there", file: "scan.h5", code: 3, says: ["no such file"], fate: .byHandOnly) {
            _ in
        },
        BadInput(
            name: "no permission to read", file: "scan.h5", code: 3, says: ["no permission to read it", "user id"],
            fate: .quarantined, asNobody: true
        ) {
            try SmallScan.nexus($0.path)
            chmod($0.path, 0)
        },
        BadInput(
            name: "directory", file: "scan.h5", code: 3, says: ["expected a file, found a directory"], fate: .passed
        ) {
            try FileManager.default.createDirectory(atPath: $0.path, withIntermediateDirectories: false)
        },
        BadInput(
            name: "named pipe", file: "scan.h5", code: 3, says: ["expected a file, found a named pipe"],
            fate: .passed
        ) {
            mkfifo($0.path, 0o666)
        },
        BadInput(
            name: "device", file: "/dev/zero", code: 3, says: ["expected a file, found a device"], fate: .byHandOnly
        ) { _ in },
        BadInput(
            name: "link that leads nowhere", file: "scan.h5", code: 3,
            says: ["is a link to gone.h5, which is not there"],
            fate: .passed
        ) {
            symlink("gone.h5", $0.path)
        },
        BadInput(
            name: "links in a circle", file: "scan.h5", code: 3, says: ["Too many levels of symbolic links"],
            fate: .passed
        ) {
            symlink("other.h5", $0.path)
            symlink("scan.h5", $0.path("other.h5"))
        },
    ]

    /// Names that must do no harm: the scan is inpainted.
    static let names: [BadInput] =
        [
            ("name with spaces", "tiny scan  1.npy"), ("name with a newline", "tiny\nscan.npy"),
            ("name with a leading dash", "--overwrite tiny.npy"), ("name with a percent sign", "tiny 100%20%s.npy"),
            ("name with an emoji", "tiny 💎.npy"), ("name with quotes", "tiny 'a' \"b\".npy"),
            ("name with a double colon", "tiny::scan.npy"), ("name without a stem", "tiny..npy"),
        ].map { name, file in
            BadInput(name: name, file: file, code: 0, says: ["filled"], fate: .done) { try $0.write(SmallScan.npy()) }
        } + [
            BadInput(
                name: "bad file whose name has a newline", file: "tiny\nscan.h5", code: 3,
                says: ["expected HDF5, .npz or .npy"], names: "tiny\\nscan.h5", fate: .quarantined
            ) {
                try $0.write("x".utf8)
            }
        ]

    static let outputs: [BadInput] = [
        output("output is there already", "out.h5", says: ["is there already", "--overwrite"]) {
            try $0.write("x".utf8, to: "out.h5")
        },
        output("output is a directory", "out.h5", "--overwrite", says: ["Is a directory"]) {
            try FileManager.default.createDirectory(atPath: $0.path("out.h5"), withIntermediateDirectories: false)
        },
        output("output in a missing directory", "gone/out.h5", says: ["No such file or directory"]) { _ in },
        output("output below a file", "scan.h5/out.h5", says: ["Not a directory"]) { _ in },
        output("output onto the input", "scan.h5", "--overwrite", says: ["is the raw data, which is never replaced"]) {
            _ in
        },
        output(
            "output onto the input by a link", "alias/scan.h5", "--overwrite",
            says: ["is the raw data, which is never replaced"]
        ) {
            symlink(".", $0.path("alias"))
        },
        output("output name that is too long", String(repeating: "x", count: 250) + ".h5", says: ["File name too long"])
        {
            _ in
        },
        BadInput(
            name: "output directory that cannot be written to", file: "scan.h5", code: 5, says: ["Permission denied"],
            names: "scan_inpainted.h5", fate: .quarantined, asNobody: true
        ) {
            try SmallScan.nexus($0.path)
            chmod($0.directory.path(percentEncoded: false), 0o555)
        },
    ]

    private static func output(
        _ name: String, _ arguments: String..., says: [String],
        _ make: @escaping @Sendable (BadInputPlace) throws -> Void
    ) -> BadInput {
        BadInput(
            name: name, file: "scan.h5", arguments: ["--output"] + arguments, code: 5, says: says, names: arguments[0],
            fate: .byHandOnly
        ) {
            try SmallScan.nexus($0.path)
            try make($0)
        }
    }
}
