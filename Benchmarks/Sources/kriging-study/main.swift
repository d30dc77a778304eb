import Detectors
import Diffraction
import Foundation
import Inpainting
import Volume

// Scores kriging beside linear interpolation on gaps hidden in windows of simulated scans, and of a stack given by
// npy=FILE (uint32): for each width PCC of linear, kriging and the noise-free truth, shares within 1 and 2 sigma, time.

struct Rng { var g: SeededGenerator; mutating func int(_ n: Int) -> Int { Int(g.uniform() * Double(n)) } }

func npy(_ path: String, _ shape: VolumeShape) throws -> Volume<Float> {
    let data = try Data(contentsOf: URL(filePath: path))
    let values = data.dropFirst(data.count - 4 * shape.count).withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
    return Volume(shape: shape, storage: values.map { Float($0) })
}

struct Sample { var counts: Volume<Float>; var truth: Volume<Float>? }

func simulated(_ seeds: Range<UInt64>, size: Int = 96) -> [Sample] {
    seeds.map { seed in
        var rng = SeededGenerator(seed: seed, stream: 99)
        var p = ScanParameters(
            shape: VolumeShape(frames: size, rows: size, columns: size),
            oversampling: SIMD3(rng.uniform(in: 2.5...6), rng.uniform(in: 2.5...6), rng.uniform(in: 2.5...6)),
            brightness: .peak(pow(10, rng.uniform(in: 4.5...6.5))), seed: seed)
        p.strain = rng.uniform(in: 0...3)
        p.rowsPerFrame = rng.uniform(in: -0.5...0.5)
        FileHandle.standardError.write(Data("sim \(seed)\n".utf8)); let families = CrystalFamily.allCases
        let s = ScanSimulation(families[Int(seed) % families.count], parameters: p)
        let v = s.volumes()
        return Sample(counts: Volume(shape: p.shape, storage: v.counts.storage.map { Float($0) }), truth: v.noiseFree)
    }
}

func crop(_ v: Volume<Float>, _ o: [Int], _ n: [Int]) -> Volume<Float> {
    var out = Volume<Float>(shape: VolumeShape(frames: n[0], rows: n[1], columns: n[2]), repeating: 0)
    for f in 0..<n[0] { for r in 0..<n[1] { for c in 0..<n[2] { out[f, r, c] = v[o[0] + f, o[1] + r, o[2] + c] } } }
    return out
}

struct Row {
    var linear = 0.0, kriging = 0.0, oracle = 0.0, n = 0.0, in1 = 0.0, in2 = 0.0, voxels = 0.0, seconds = 0.0,
        bright = 0.0, bn = 0.0, z2 = 0.0
}

func study(
    _ samples: [Sample], width: Int, windows: Int, size: Int, fillers: (any GapFiller, any GapFiller), seed: UInt64
) -> Row {
    var rng = Rng(g: SeededGenerator(seed: seed, stream: UInt64(width)))
    var row = Row(), tries = 0
    while Int(row.n) < windows {
        let s = samples[rng.int(samples.count)]
        let o = s.counts.shape.extents.map { (rng.int($0 - size + 1) + rng.int($0 - size + 1)) / 2 }
        tries += 1; if tries > 100 * windows { break }
        let n = [size, size, size]
        let counts = crop(s.counts, o, n)
        if 4 * counts.storage.count(where: { $0 >= 1 }) < counts.storage.count { continue }
        var mask = PixelMask(shape: counts.shape.frame)
        let a = size / 2 - width / 2
        mask.mask(columns: a..<a + width)
        if rng.int(5) == 0 { mask.mask(rows: a..<a + width) }
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        var gapped = counts
        for f in 0..<size {
            for p in 0..<mask.shape.count where mask.storage[p] { gapped.storage[f * mask.shape.count + p] = 0 }
        }
        var lin = FrameBlock(data: gapped, plans: Array(repeating: plan, count: size)), kri = lin
        fillers.0.fill(&lin)
        let t0 = ContinuousClock().now
        fillers.1.fill(&kri)
        row.seconds += Double((ContinuousClock().now - t0).components.attoseconds) * 1e-18
        let truth = s.truth.map { crop($0, o, n) }
        var c = (Correlation(), Correlation(), Correlation())
        for f in 0..<size {
            for p in 0..<mask.shape.count where plan.fillable.storage[p] {
                let i = f * mask.shape.count + p
                let x = log1p(Double(counts.storage[i]))
                c.0.add(x, log1p(Double(lin.data.storage[i])))
                c.1.add(x, log1p(Double(kri.data.storage[i])))
                if let truth { c.2.add(x, log1p(Double(truth.storage[i]))) }
                if let e = kri.errors?.storage[i] {
                    let d = abs(counts.storage[i] - kri.data.storage[i]) / e
                    row.voxels += 1
                    if d <= 1 { row.in1 += 1 }
                    if d <= 2 { row.in2 += 1 }
                }
            }
        }
        guard let l = c.0.pearson, let k = c.1.pearson else {
            FileHandle.standardError.write(
                Data("nil \(c.0.pearson as Any) \(c.1.pearson as Any) \(kri.data.storage.count { $0.isNaN })\n".utf8));
            continue
        }
        row.linear += l; row.kriging += k; row.oracle += c.2.pearson ?? 0; row.n += 1
    }
    return row
}

var options: [String: String] = [:]
for a in CommandLine.arguments.dropFirst() {
    let p = a.split(separator: "=", maxSplits: 1); options[String(p[0])] = p.count > 1 ? String(p[1]) : "1"
}
let windows = options["windows"].flatMap { Int($0) } ?? 100
let size = options["size"].flatMap { Int($0) } ?? 32
let widths = (options["widths"] ?? "3,6,9,12").split(separator: ",").compactMap { Int($0) }
let seeds = (options["seeds"] ?? "1-12").split(separator: "-").compactMap { UInt64($0) }
let sets: [(String, [Sample])] =
    [("sim", simulated(seeds[0]..<seeds[1] + 1))]
    + (try options["npy"].map {
        [("S0054", [Sample(counts: try npy($0, VolumeShape(frames: 201, rows: 256, columns: 256)))])]
    }
        ?? [])
do {
    for (name, samples) in sets {
        var line = name
        for width in widths {
            let r = study(
                samples, width: width, windows: windows, size: size, fillers: (Interpolation(.linear), Kriging()),
                seed: 5)
            line += String(
                format: " | %2d: %.3f %.3f %.3f  %.2f/%.2f %3.0fms", width, r.linear / r.n, r.kriging / r.n,
                r.oracle / r.n, r.in1 / max(1, r.voxels), r.in2 / max(1, r.voxels), 1000 * r.seconds / r.n)
        }
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
