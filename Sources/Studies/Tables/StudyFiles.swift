internal import Foundation

/// The files of a study.
enum StudyFiles {
    /// Writes a file as a whole or not at all.
    static func write(_ data: Data, to path: String) throws(StudyError) {
        do {
            try data.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .notWritable(path: path, problem: error.localizedDescription)
        }
    }
}
