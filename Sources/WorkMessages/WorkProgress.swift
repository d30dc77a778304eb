/// How far the work on a scan has come.
public struct WorkProgress: Codable, Sendable, Equatable {
    /// What is being done, e.g. `inpaint`.
    public var stage: String
    /// Steps finished in this stage: frames, where it goes through them.
    public var done: Int
    /// Steps in all.
    public var total: Int

    public init(stage: String, done: Int, total: Int) {
        self.stage = stage
        self.done = done
        self.total = total
    }
}
