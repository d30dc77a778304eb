internal import Conventions
public import Detectors
public import WorkMessages

extension ProcessingSettings {
    /// Reads the descriptions of the detectors.
    ///
    /// - Throws: an error that names file and key.
    public func detectorCatalogue() throws -> DetectorCatalogue {
        try DetectorCatalogue(directories: detectorDirectories ?? ShippedFiles.detectorDirectories)
    }

    /// These settings with what a detector's description changes in them.
    public func overridden(by overrides: ProcessingOverrides?) -> ProcessingSettings {
        var settings = self
        settings.method = overrides?.method ?? method
        settings.model = overrides?.model ?? model
        settings.fineTune = overrides?.fineTune ?? fineTune
        settings.fineTuneAboveMisfit = overrides?.fineTuneAboveMisfit ?? fineTuneAboveMisfit
        settings.maxGapPixels = overrides?.maximumGapPixels ?? maxGapPixels
        settings.saturated = overrides?.saturated ?? saturated
        settings.photonValue = overrides?.photonValue ?? photonValue
        return settings
    }
}
