internal import Glibc

/// An inotify instance: the kernel's queue of changes in watched directories.
struct Inotify: ~Copyable {
    /// One change, as the kernel reports it.
    struct Event {
        var watch: Int32
        var mask: UInt32
        /// Name in the watched directory; empty for a change of the directory itself.
        var name: [UInt8]

        func has(_ flag: Int32) -> Bool { mask & UInt32(bitPattern: flag) != 0 }
        func has(_ flag: UInt32) -> Bool { mask & flag != 0 }
    }

    let descriptor: Int32
    /// Refuses more watches than this, to try out what the kernel does at its limit.
    private let watchLimit: Int

    /// - Throws: the error number, e.g. `EMFILE` at the user's limit of instances.
    init(watchLimit: Int = .max) throws(ErrorNumber) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        self.watchLimit = watchLimit
        guard descriptor >= 0 else { throw ErrorNumber(value: errno) }
    }

    deinit { close(descriptor) }

    /// Watches a directory; one that is watched already keeps its number.
    func watch(_ directory: String, mask: UInt32, count: Int) throws(ErrorNumber) -> Int32 {
        guard count < watchLimit else { throw ErrorNumber(value: ENOSPC) }
        let watch = inotify_add_watch(descriptor, directory, mask)
        guard watch >= 0 else { throw ErrorNumber(value: errno) }
        return watch
    }

    func remove(_ watch: Int32) {
        inotify_rm_watch(descriptor, watch)
    }

    /// Everything that is in the queue now.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> [Event] {
        var events: [Event] = []
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return events }
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let header = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                let start = offset + MemoryLayout<inotify_event>.size
                let name = buffer[start..<start + Int(header.len)].prefix { $0 != 0 }
                events.append(Event(watch: header.wd, mask: header.mask, name: Array(name)))
                offset = start + Int(header.len)
            }
        }
    }
}

/// An error number of the operating system.
struct ErrorNumber: Error, Equatable, CustomStringConvertible {
    var value: Int32

    var description: String { String(cString: strerror(value)) }
}
