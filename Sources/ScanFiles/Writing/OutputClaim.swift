internal import Conventions

/// The right to write the output of a scan under a name: nothing lies there, or something that may be replaced.
///
/// Whatever lies there when the output is complete and was not looked at here stays as it is.
public struct OutputClaim: Sendable {
    /// What may be replaced.
    public enum Permission: Sendable {
        case nothing
        /// An output of the same scan that the daemon had asked for.
        case ownOfDaemon
        /// An output of the same scan, whoever asked for it.
        case own
        /// Whatever it is: the user has named it.
        case anything
    }

    public let path: String
    let occupant: NameOccupant
    /// What may lie under the name of the output's picture.
    let pictureOccupant: NameOccupant

    /// - Parameters:
    ///   - path: the output's final place.
    ///   - scan: of which scan it is to be.
    /// - Throws: ``ScanFileError`` of the kind ``ScanFileError/Kind/occupied`` when something lies there that may not be
    ///   replaced.
    public init(path: String, for scan: OutputProvenance, replacing permission: Permission) throws(ScanFileError) {
        self.path = path
        guard let identity = FileIdentity(at: path) else {
            (occupant, pictureOccupant) = (.nothing, .nothing)
            return
        }
        if permission == .anything {
            (occupant, pictureOccupant) = (.anything, .anything)
            return
        }
        let found = OutputProvenance(of: path)
        if let hindrance = Self.hindrance(found, scan, permission) {
            throw ScanFileError(.occupied, path: path, problem: hindrance)
        }
        occupant = .file(identity)
        let picture = FileIdentity(at: OutputName.picture(ofOutput: path))
        pictureOccupant = picture.map { found?.hasPicture == true ? .file($0) : .nothing } ?? .nothing
    }

    /// Why what lies there may not be replaced; `nil` when it may.
    private static func hindrance(
        _ found: OutputProvenance?, _ scan: OutputProvenance, _ permission: Permission
    ) -> String? {
        guard let found else { return "is there already and was not written by Lacuna; it is never replaced" }
        guard found.isSameScan(as: scan) else {
            let entry = found.entry.isEmpty ? "" : ", \(found.entry)"
            return "is there already and holds another scan (\(found.source)\(entry)); it is never replaced"
        }
        switch permission {
        case .nothing: return "is there already; --overwrite replaces it"
        case .ownOfDaemon where found.requester != .watch:
            return "is there already and was written by hand, which the daemon never replaces by itself; "
                + "lacuna retry --replace does"
        case .ownOfDaemon, .own, .anything: return nil
        }
    }
}
