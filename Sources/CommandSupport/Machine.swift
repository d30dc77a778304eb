internal import CLinux

/// How this process uses the machine; only long-running commands change it.
package enum Machine {
    /// Keeps this process on the first cores that it may use; 0 for all.
    package static func useCores(_ count: Int) {
        if count > 0 { _ = lacuna_use_cores(Int32(clamping: count)) }
    }

    /// Lets freed memory be used again by this process, instead of fetching fresh pages for each large block.
    package static func keepFreedMemory() {
        lacuna_keep_freed_memory()
    }
}
