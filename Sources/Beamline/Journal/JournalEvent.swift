/// The kinds of events that have a fixed `MESSAGE_ID`, so that `journalctl MESSAGE_ID=…` finds them in any language.
///
/// The numbers are random and never change; `journalctl --new-id128` makes one.
public enum JournalEvent: String, Sendable, CaseIterable {
    case daemonReady = "ee79d81f41fa46049014a497a1df9e4a"
    case daemonStopping = "50f069d64bba474ca64b2dd1ddfc959d"
    case scanTaken = "e270295239594f25b8fd1786a3311c53"
    case scanFollowed = "1730104eaf234a7f8245171df25035d3"
    case scanDone = "6dbe5244e4514c3fa11ac3799a386ede"
    case scanSkipped = "10289508a35c4a0e97e5aa05580c3890"
    case scanFailed = "8f927de8867a4a6189876d26e20a6ecf"
    case scanQuarantined = "ecce21a66aed4de9818493d80e99d918"
    case scanStale = "6aa1b0dada2c41478fabf32aacd0b632"
    case scanPutBack = "5a5582cf425a4cd0a0fbb1c185364419"
    case configurationReloaded = "4afae00bf374435191f21dc1423cbf9f"
    case configurationRefused = "5d40786ef8f444868d314d7047de20bf"
    case lowSpace = "45c7da5f54b94f8d978c315e36da2a1e"
    case spaceBack = "53c75372fa9b4173941cf84bc1247cc5"
    case watchTrouble = "2729d4f4bb2f43f39b8ae7d59792592d"
    case ledgerRebuilt = "4e745e915080486591ddd7878dfe1fda"
    case slurmSubmitted = "bc142fc1ce8c40789680c8181365ecc3"
    case slurmSilent = "dddee0d1b7e04adabc1af98e5ce7be51"
    case slurmBack = "60be2e15601e4249a2b101c21eee9f33"
    case scansPaused = "769b6e2f39e6437c97dc8b03c305dce0"
    case hookTrouble = "a3dc8a2ea27a42c29f8bccc4b044ddfe"
    case statusUnavailable = "5c6b0d4b31f44a2d9a0c0f6d3f1b7c58"
}
