internal import Volume

extension NetworkPlan {
    /// Hands each sample of the batch its input, on all cores.
    ///
    /// - Parameter samples: channels-last numbers, as many samples as the plan takes.
    public func setInput(_ samples: [[Float]]) {
        withInput { input in
            onAllCores(samples.count) { index in
                let size = samples[index].count
                _ = input[index * size..<(index + 1) * size].update(fromContentsOf: samples[index])
            }
        }
    }

    /// Asks for the gradient by each sample's output, on all cores, and propagates it to new gradients of the
    /// parameters; follows a `forward`.
    ///
    /// - Parameter compare: looks at the output of a sample, adds to its gradient, which is 0 before, and gives what is
    ///   to be known of it.
    /// - Returns: what `compare` gave for each sample.
    public func backward<Value>(
        _ compare: (
            _ sample: Int, _ output: UnsafeBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>
        ) -> Value
    ) -> [Value] {
        let batch = outputShapes[0].batch
        let size = outputShapes[0].count / batch
        let values = withOutput { output in
            withOutputGradient { gradient in
                gradient.update(repeating: 0)
                return concurrentMap(0..<batch) { index in
                    let sample = index * size..<(index + 1) * size
                    return compare(
                        index, UnsafeBufferPointer(rebasing: output[sample]),
                        UnsafeMutableBufferPointer(rebasing: gradient[sample]))
                }
            }
        }
        zeroGradients()
        backward()
        return values
    }
}
