public import ArgumentParser
public import WorkMessages

// The words that options take.

extension FillMethod: ExpressibleByArgument {}
extension FillQuality: ExpressibleByArgument {}
extension FineTune: ExpressibleByArgument {}
