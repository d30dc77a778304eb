public import ArgumentParser
public import ScanFiles

extension OutputCompression: ExpressibleByArgument {}
