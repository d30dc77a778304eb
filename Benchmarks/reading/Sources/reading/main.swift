// Looks at a scan and reads all of its frames, as the program does, and prints the seconds that took and the sum of the
// bytes, by which a reader that left some out would be caught.

import ScanFiles
import Volume

let path = CommandLine.arguments[1]
let clock = ContinuousClock()
let start = clock.now
let reader = try FrameReader(ScanFile.open(path).scans[0])
var block = RawFrames()
var sum: UInt64 = 0
for first in stride(from: 0, to: reader.shape.frames, by: 32) {
    try reader.read(frames: first..<min(first + 32, reader.shape.frames), into: &block)
    if CommandLine.arguments.count > 2 { for byte in block.bytes { sum &+= UInt64(byte) } }
}
let total = CommandLine.arguments.count > 2 ? .zero : clock.now - start
print(total / .seconds(1), sum)
