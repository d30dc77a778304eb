internal import NeuralNetwork
internal import Volume

extension Extent3 {
    init(_ shape: VolumeShape) { self.init(frames: shape.frames, rows: shape.rows, columns: shape.columns) }
}
