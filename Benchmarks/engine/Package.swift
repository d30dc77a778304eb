// swift-tools-version: 6.2
import PackageDescription

// Lacuna's own sources, as links: its libraries are no products.
let package = Package(
    name: "engine",
    platforms: [.macOS(.v15)],
    dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
    targets: [
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .target(name: "CConvolution", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
        .target(name: "Volume"),
        .target(name: "Settings", dependencies: [.product(name: "Yams", package: "Yams")]),
        .target(name: "WorkMessages"),
        .target(name: "Detectors", dependencies: ["Volume", "Settings", "WorkMessages"]),
        .target(name: "Fourier", dependencies: ["Volume", "CFFTW"]),
        .target(name: "NeuralNetwork", dependencies: ["Volume", "CConvolution", "COpenBLAS"]),
        .target(
            name: "Inpainting", dependencies: ["Volume", "Detectors", "Fourier", "NeuralNetwork", "WorkMessages"]),
        .executableTarget(name: "engine", dependencies: ["Inpainting", "NeuralNetwork"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
