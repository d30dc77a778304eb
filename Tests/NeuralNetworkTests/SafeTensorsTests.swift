import Foundation
import Testing

@testable import NeuralNetwork

struct SafeTensorsTests {
    private let example = SafeTensors(
        tensors: [
            "a.weight": .init(shape: [2, 3], values: [1, -2.5, 3, 0.125, 1e4, -0]),
            "b": .init(shape: [], values: [7]),
            "empty": .init(shape: [0, 4], values: []),
        ],
        metadata: ["name": "a/b \"c\"", "created": "today"])

    @Test("What is written is read again", arguments: SafeTensors.Storage.allCases)
    func roundTrip(_ storage: SafeTensors.Storage) throws {
        let path = NSTemporaryDirectory() + "lacuna-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try example.write(path: path, storage: storage)
        let found = try SafeTensors(path: path)
        #expect(found.metadata == example.metadata)
        #expect(found.tensors.mapValues(\.shape) == example.tensors.mapValues(\.shape))
        for (name, tensor) in example.tensors {
            for (value, expected) in zip(found.tensors[name]?.values ?? [], tensor.values) {
                #expect(abs(value - expected) <= abs(expected) * (storage == .float32 ? 0 : 0x1p-8))
            }
        }
    }

    @Test("A network's parameters survive the file")
    func parameters() throws {
        var graph = NetworkGraph()
        let input = graph.input(channels: 2)
        graph.output(graph.convolution(input, channels: 3, kernel: 3, name: "only"))
        let parameters = ParameterSet(graph, seed: 1)
        let file = try SafeTensors(data: parameters.safeTensors().data(.float32), path: "memory")
        #expect(try ParameterSet(graph, tensors: file) == parameters)

        var other = NetworkGraph()
        let otherInput = other.input(channels: 2)
        other.output(other.convolution(otherInput, channels: 4, kernel: 3, name: "only"))
        #expect(
            throws: NeuralNetworkError.tensorShape(
                name: "only.weight", expected: [3, 3, 3, 2, 4], found: [3, 3, 3, 2, 3])
        ) { try ParameterSet(other, tensors: file) }
    }

    @Test(
        "A damaged file is refused",
        arguments: [
            "", "1234567",
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}1234"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}1234"#,
            #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}1234"#,
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}12345678"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}1234"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}12345678"#,
            #"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}12345678"#,
            #"{"a":{"shape":[1]}}"#, "{", "[]", #"{"__metadata__":{"a":1}}"#,
        ])
    func damage(_ content: String) {
        let end = content.lastIndex(of: "}").map { content.index(after: $0) } ?? content.startIndex
        var data = Data()
        if content.count != 7 {
            let header = Data(content[..<end].utf8)
            withUnsafeBytes(of: UInt64(header.count).littleEndian) { data.append(contentsOf: $0) }
            data.append(header)
        }
        data.append(Data(content[end...].utf8))
        #expect(throws: NeuralNetworkError.self) { try SafeTensors(data: data, path: "memory") }
    }

    @Test("A file cut short is refused wherever it is cut")
    func truncation() throws {
        let whole = try example.data(.float32)
        for count in 0..<whole.count {
            #expect(throws: NeuralNetworkError.self) { try SafeTensors(data: whole.prefix(count), path: "memory") }
        }
    }

    @Test("A header longer than the file is refused before it is read")
    func hugeHeader() {
        let data = withUnsafeBytes(of: UInt64.max) { Data($0) } + Data(count: 16)
        #expect(throws: NeuralNetworkError.self) { try SafeTensors(data: data, path: "memory") }
    }

    @Test("Half precision is that of IEEE 754, on both ways")
    func halfPrecision() {
        for bits in UInt16.min ... .max {
            let half = Float16(bitPattern: bits)
            let value = Float(halfBits: bits)
            if half.isNaN { #expect(value.isNaN) } else { #expect(value.halfBits == bits) }
        }
        #expect(Float(halfBits: 0x3555) == Float(Float16(bitPattern: 0x3555)))
        #expect(Float(halfBits: 1) == 0x1p-24 && Float(halfBits: 0x83FF) == -1023 * 0x1p-24)
        for (value, bits): (Float, UInt16) in [
            (65504, 0x7BFF), (65519.9, 0x7BFF), (65520, 0x7C00), (-1e9, 0xFC00), (0x1p-25, 0), (0x1.8p-25, 1),
            (0x1p-14, 0x400), (1.00048828125, 0x3C00), (1.00146484375, 0x3C02), (0x1p-30, 0),
        ] {
            #expect(value.halfBits == bits)
        }
        var state: UInt32 = 7
        for _ in 0..<20_000 {
            state = state &* 1_664_525 &+ 1_013_904_223
            let value = Float(bitPattern: 0x3000_0000 | state >> 4)
            // Float16 itself takes numbers below 2⁻¹⁴ for zero where the processor was told so.
            let bits =
                value < 0x1p-14
                ? UInt16((Double(value) * 0x1p24).rounded(.toNearestOrEven)) : Float16(value).bitPattern
            #expect(value.halfBits == bits)
        }
    }
}
