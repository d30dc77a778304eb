internal import Foundation
public import Volume

/// What the network is told about one tile, and how its answer is read.
///
/// Channels of each voxel, (frame, row, column, channel):
/// 0. the fringes, log(1+I) less kriging's background;
/// 1. 1 in the gap and 0 elsewhere;
/// 2. kriging's standard deviation of log(1+I), in the form in which the network learnt to know it;
/// 3. the background itself, a fifth of it, which tells the photon scale;
/// 4. log(1+I) at the voxel's mirror image in the Bragg peak, less the background here, or 0: an unstrained crystal's
///    pattern is the same on both sides (Friedel's law), a strained one's is more or less so;
/// 5. 1 where that is known and 0 elsewhere.
public enum TileFeatures {
    /// A channel, by what it tells; raw values are positions.
    public enum Channel: Int, Sendable {
        case fringes, gap, deviation, background, otherSide, isOtherSideKnown
    }

    /// Empties a channel, as if the network were not told.
    static func withhold(_ channel: Channel, from input: UnsafeMutableBufferPointer<Float>) {
        for index in stride(from: channel.rawValue, to: input.count, by: GapNetwork.inputChannels) { input[index] = 0 }
    }

    private static let backgroundScale: Float = 0.2
    /// No fringe is stronger than this; a hot pixel is.
    private static let strongest: Float = 5

    private static func clamped(_ fringe: Float) -> Float { min(max(fringe, -strongest), strongest) }

    /// Writes the channels of one tile.
    ///
    /// - Parameters:
    ///   - box: the part of the tile that the network sees; all of it by default.
    ///   - masks: the gap, (row, column), of each frame.
    ///   - mirror: counts at the mirror images of the tile's voxels, not a number where none were measured.
    ///   - extents: those of the network's input, at least the box's; what is left over is empty.
    ///   - input: `extents.count` × ``GapNetwork/inputChannels`` numbers.
    public static func write(
        _ estimate: TileEstimate, masks: [PixelMask], mirror: Volume<Float>?, box: VoxelBox? = nil,
        extents: VolumeShape, to input: UnsafeMutableBufferPointer<Float>
    ) {
        let box = box ?? estimate.mean.shape.box
        if extents != box.shape { input.update(repeating: 0) }
        for frame in box.frames {
            let mask = masks[frame]
            for row in box.rows {
                let source = estimate.mean.rowBase(frame: frame, row: row)
                let line = (frame - box.frames.lowerBound) * extents.rows + row - box.rows.lowerBound
                let target = line * extents.columns * GapNetwork.inputChannels
                for column in box.columns {
                    let voxel = source &+ column
                    let channel = target &+ (column &- box.columns.lowerBound) &* GapNetwork.inputChannels
                    let background = estimate.background.storage[voxel]
                    input[channel] = clamped(estimate.mean.storage[voxel] - background)
                    input[channel &+ 1] = mask[row, column] ? 1 : 0
                    input[channel &+ 2] = estimate.scale.storage[voxel]
                    input[channel &+ 3] = background * backgroundScale
                    let mirrored = mirror.map { $0.storage[voxel] } ?? .nan
                    input[channel &+ 4] = mirrored.isNaN ? 0 : clamped(log1pf(mirrored) - background)
                    input[channel &+ 5] = mirrored.isNaN ? 0 : 1
                }
            }
        }
    }
}

/// What the network answers for one voxel, applied to kriging's estimate of it.
public struct Correction {
    /// By what share the fringe is made stronger.
    public var gain: Float
    /// What is added, in units of ``unit(deviation:)``.
    public var shift: Float
    /// The logarithm of the factor on the deviation.
    public var spread: Float

    /// The answer at one voxel: ``GapNetwork/outputChannels`` successive numbers.
    @inline(__always)
    public init(_ answer: UnsafeBufferPointer<Float>) {
        gain = answer[0]
        shift = answer[1]
        spread = answer[2]
    }

    /// The scale of a correction to an estimate with this standard deviation of log(1+I).
    @inline(__always)
    public static func unit(deviation: Float) -> Float { deviation + 0.1 }

    /// A correction is no larger than this in units of ``unit(deviation:)``.
    private static let largest: Float = 5

    /// The corrected estimate of log(1+I).
    @inline(__always)
    public func mean(kriged: Float, background: Float, deviation: Float) -> Float {
        let unit = Self.unit(deviation: deviation)
        let correction = gain * (kriged - background) + shift * unit
        return kriged + min(max(correction, -Self.largest * unit), Self.largest * unit)
    }

    /// The corrected standard deviation of log(1+I).
    public func deviation(kriged: Float) -> Float { Self.unit(deviation: kriged) * expf(spread) }
}
