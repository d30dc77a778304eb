extension DetectorFields {
    /// Reads what an NXdetector group, as BLISS, Dectris and others write it, says.
    init(nexus group: LinkedGroup) {
        xPixelSize = group.length("x_pixel_size")
        yPixelSize = group.length("y_pixel_size")
        distance = group.length("distance") ?? group.length("detector_distance")
        beamCenterX = group.number("beam_center_x")
        beamCenterY = group.number("beam_center_y")
        columns = group.integer("dim_i") ?? group.integer("detectorSpecific/x_pixels_in_detector")
        rows = group.integer("dim_j") ?? group.integer("detectorSpecific/y_pixels_in_detector")
        saturationValue =
            group.number("saturation_value") ?? group.number("detectorSpecific/saturation_value")
            ?? group.number("detectorSpecific/countrate_correction_count_cutoff")
        imageBitDepth = group.integer("bit_depth_image")
        readoutBitDepth = group.integer("bit_depth_readout")
        pixelMaskApplied = group.integer("pixel_mask_applied").map { $0 != 0 }
    }
}

extension LinkedGroup {
    /// A length in metres.
    ///
    /// Pixel sizes without units are common: none is a metre, so 55 must be micrometres and 0.172 millimetres.
    fileprivate func length(_ path: String) -> Double? {
        guard let value = number(path), value.isFinite, value > 0 else { return nil }
        switch units(path)?.lowercased() {
        case "m", "meter", "metre", "meters", "metres": return value
        case "cm": return value * 1e-2
        case "mm", "millimeter", "millimetre": return value * 1e-3
        case "um", "µm", "μm", "micron", "microns", "micrometer", "micrometre": return value * 1e-6
        default:
            guard path.hasSuffix("pixel_size") else { return value }
            return value >= 1 ? value * 1e-6 : value >= 0.005 ? value * 1e-3 : value
        }
    }
}
