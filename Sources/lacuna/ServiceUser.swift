import CommandSupport
import Foundation
import WorkMessages

/// The user as whom a service runs.
struct ServiceUser {
    let name: String
    private let entry: passwd?

    /// - Parameter name: `nil` for `lacuna` where root asks and that user exists, else for who asks.
    /// - Throws: ``CommandFailure`` for a user that is not known.
    init(named name: String?) throws {
        if let name {
            guard let found = getpwnam(name)?.pointee else {
                throw CommandFailure(
                    .configuration, "there is no user \(name); the service's is made by systemd-sysusers")
            }
            (self.name, entry) = (name, found)
        } else if geteuid() == 0, let found = getpwnam("lacuna")?.pointee {
            (self.name, entry) = ("lacuna", found)
        } else {
            (self.name, entry) = (NSUserName(), nil)
        }
    }

    /// Gives up the rights of this process for those of the user, for good.
    ///
    /// - Throws: ``CommandFailure`` where only root could.
    func become() throws {
        guard let entry, entry.pw_uid != geteuid() else { return }
        guard initgroups(name, entry.pw_gid) == 0, setgid(entry.pw_gid) == 0, setuid(entry.pw_uid) == 0 else {
            throw CommandFailure(.configuration, "only root can look with the eyes of \(name); use sudo")
        }
    }
}
