internal import COpenSSL
internal import Conventions
internal import Detectors
internal import Foundation
public import Inpainting
public import WorkMessages

/// Makes the filler that settings ask for, and reads the network that it may need.
public struct FillerFactory: Sendable {
    /// The model that is used where none is named; `nil` where none is installed.
    package let shippedModel: String?
    private let readModel: @Sendable (_ path: String) throws -> any FillerModel

    /// - Parameters:
    ///   - shippedModel: absolute path of the weights that this installation has.
    ///   - readModel: reads a file of weights; its errors name the file.
    public init(
        shippedModel: String?, readModel: @escaping @Sendable (_ path: String) throws -> any FillerModel
    ) {
        self.shippedModel = shippedModel
        self.readModel = readModel
    }

    /// With the network that ships with this program.
    public static let installed = FillerFactory(shippedModel: ShippedFiles.model) { path in
        try GapModel(contentsOf: path)
    }

    /// The filler for scans with these settings.
    ///
    /// - Throws: ``WorkerFailure`` for weights that cannot be read: with the code for wrong usage where the settings
    ///   name them.
    public func filler(for settings: ProcessingSettings) throws(WorkerFailure) -> PreparedFiller {
        guard settings.method == .network else {
            return PreparedFiller(filler: settings.method.filler(quality: settings.quality))
        }
        guard let path = settings.model ?? shippedModel else {
            return PreparedFiller(
                filler: settings.method.filler(quality: settings.quality),
                remark: "kriging instead of the network, of which none is installed")
        }
        do {
            let model = try readModel(path)
            return PreparedFiller(
                filler: settings.method.filler(quality: settings.quality, model: model),
                model: InpaintReport.Model(name: model.name, sha256: try Self.sha256(of: path)))
        } catch {
            throw WorkerFailure(
                settings.model == nil ? .internalFailure : .configuration, "the network cannot be used: \(error)")
        }
    }

    /// The hash of a file in hexadecimal digits.
    private static func sha256(of path: String) throws -> String {
        let data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        var hash = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        data.withUnsafeBytes { bytes in
            _ = SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &hash)
        }
        return hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// A filler with what is to be recorded of it.
public struct PreparedFiller: Sendable {
    var filler: any ScanFiller
    /// `nil` where it needs none.
    var model: InpaintReport.Model?
    /// Why it is another one than was asked for.
    var remark: String?
}
