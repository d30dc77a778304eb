public import Acquisition
public import ArgumentParser
public import Diffraction
public import Inpainting
public import Studies

// The words that options take.

extension AcquisitionLayout: ExpressibleByArgument {}
extension CrystalFamily: ExpressibleByArgument {}
extension Metal: ExpressibleByArgument {}
extension FrameCompression: ExpressibleByArgument {}
extension PlanarNetwork: ExpressibleByArgument {}
extension SeamFill: ExpressibleByArgument {}
extension StudyName: ExpressibleByArgument {}
