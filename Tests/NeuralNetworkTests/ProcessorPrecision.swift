import Foundation
import NeuralNetwork

extension Precision {
    /// Whether oneDNN multiplies numbers of bfloat16 on this processor: it does from AVX-512 on.
    static let hasBfloat16 =
        (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains("avx512bw") ?? false

    /// What this processor can compute with.
    static let ofProcessor: [Precision] = hasBfloat16 ? [.float32, .bfloat16] : [.float32]
}
