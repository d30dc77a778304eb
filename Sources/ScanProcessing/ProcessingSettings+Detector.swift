public import Detectors
public import WorkMessages

extension ProcessingSettings {
    /// These settings with what a detector's description changes in them.
    public func overridden(by overrides: ProcessingOverrides?) -> ProcessingSettings {
        var settings = self
        settings.method = overrides?.method ?? method
        settings.model = overrides?.model ?? model
        settings.fineTune = overrides?.fineTune ?? fineTune
        settings.fineTuneAboveMisfit = overrides?.fineTuneAboveMisfit ?? fineTuneAboveMisfit
        settings.maxGapPixels = overrides?.maximumGapPixels ?? maxGapPixels
        return settings
    }
}
