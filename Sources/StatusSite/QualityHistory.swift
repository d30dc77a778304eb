package import Foundation

/// How well the gaps of one scan are filled, as a point of the plot of all.
package struct QualityPoint: Codable, Sendable, Equatable {
    package var id: Int64
    package var file: String
    package var scan: Int?
    package var detector: String?
    package var title: String?
    /// When the scan was recorded, as far as its file tells.
    package var recorded: Date
    /// Correlation of log(1+I) to be expected in the gaps.
    package var pcc: Double?
    package var misfit: Double?
    package var verdict: String?
    package var method: String?

    package init(id: Int64, file: String, recorded: Date) {
        self.id = id
        self.file = file
        self.recorded = recorded
    }
}
