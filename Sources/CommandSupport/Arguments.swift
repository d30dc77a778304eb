public import ArgumentParser
public import WorkMessages

// The words that options take.

extension FillMethod: ExpressibleByArgument {}
extension FillQuality: ExpressibleByArgument {}
extension PhasingMask: ExpressibleByArgument {}
extension SaturatedVoxels: ExpressibleByArgument {}
extension FineTune: ExpressibleByArgument {}
