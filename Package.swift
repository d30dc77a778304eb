// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "lacuna",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "lacuna", targets: ["lacuna"]),
        .executable(name: "lacuna-lab", targets: ["lacuna-lab"]),
        // For the benchmarks, which are packages of their own.
        .library(name: "Inpainting", targets: ["Inpainting", "NeuralNetwork", "Volume"]),
        .library(name: "Diffraction", targets: ["Diffraction", "Fourier", "Volume"]),
        .library(name: "ScanFiles", targets: ["ScanFiles", "Volume"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        // C libraries, each imported by exactly one Swift target.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CRename"),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),

        // oneDNN (apt: libdnnl-dev), which comes without a pkg-config file, and the OpenMP threads that it runs on.
        .target(
            name: "CConvolution", cxxSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))],
            linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),

        // What everybody speaks, and depends on nothing.
        .target(name: "Volume"),
        .target(name: "WorkMessages"),
        .target(name: "Conventions"),
        .target(name: "Settings", dependencies: [.product(name: "Yams", package: "Yams")]),

        // What the child processes do, from the bottom up.
        .target(name: "Detectors", dependencies: ["Volume", "Settings", "WorkMessages"]),
        .target(
            name: "ScanFiles",
            dependencies: [
                "Conventions", "Detectors", "Settings", "Volume", "WorkMessages", "CHDF5", "CPNG", "CISAL", "CRename",
                "CTIFF", "CZip",
            ]),
        .target(name: "Fourier", dependencies: ["Volume", "CFFTW"]),
        .target(name: "NeuralNetwork", dependencies: ["Volume", "CConvolution"]),
        .target(
            name: "Inpainting",
            dependencies: ["Volume", "Detectors", "Fourier", "NeuralNetwork", "WorkMessages"]),
        .target(
            name: "ScanProcessing",
            dependencies: [
                "Conventions", "Detectors", "Inpainting", "ScanFiles", "Volume", "WorkMessages", "COpenSSL",
            ]),

        // The daemon, which opens no scan file: it is given neither ScanFiles nor Inpainting.
        .target(
            name: "StatusSite",
            dependencies: [
                "Conventions", "WorkMessages", .product(name: "FlyingSocks", package: "FlyingFox"),
            ]),
        .target(
            name: "Beamline",
            dependencies: [
                "Conventions", "Settings", "StatusSite", "WorkMessages", "CSystemd",
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        // The laboratory: simulated scans, training, studies.
        .target(name: "Diffraction", dependencies: ["Volume", "Fourier"]),
        .target(
            name: "PublishedNetworks",
            dependencies: ["Volume", "Detectors", "Inpainting", "NeuralNetwork", "WorkMessages"]),
        .target(
            name: "Training",
            dependencies: ["Diffraction", "Inpainting", "NeuralNetwork", "PublishedNetworks", "Settings", "Volume"]),
        .target(name: "Acquisition", dependencies: ["Diffraction", "Detectors", "ScanFiles"]),
        .target(
            name: "Studies",
            dependencies: [
                "Volume", "Detectors", "Inpainting", "Diffraction", "NeuralNetwork", "PublishedNetworks", "Training",
                "WorkMessages", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),

        // The programs, which read arguments and nothing more.
        .target(
            name: "CommandSupport",
            dependencies: [
                "CLinux", "Conventions", "Detectors", "Settings", "WorkMessages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "lacuna",
            dependencies: [
                "Beamline", "CommandSupport", "Conventions", "Detectors", "ScanFiles", "ScanProcessing", "StatusSite",
                "Volume",
                "WorkMessages", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(
            name: "lacuna-lab",
            dependencies: [
                "Acquisition", "CommandSupport", "Conventions", "Detectors", "Diffraction", "Inpainting",
                "PublishedNetworks", "ScanFiles", "ScanProcessing", "Studies", "Training", "Volume", "WorkMessages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .testTarget(name: "VolumeTests", dependencies: ["Volume"]),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"]),
        .testTarget(name: "DetectorsTests", dependencies: ["Detectors", "Settings", "Volume", "WorkMessages"]),
        .testTarget(
            name: "ScanFilesTests",
            dependencies: ["ScanFiles", "Detectors", "Settings", "TestSupport", "Volume", "WorkMessages"]),
        .testTarget(name: "FourierTests", dependencies: ["Fourier", "Diffraction", "Volume"]),
        .testTarget(
            name: "InpaintingTests",
            dependencies: [
                "Inpainting", "Diffraction", "Detectors", "Fourier", "NeuralNetwork", "TestSupport", "Volume",
                "WorkMessages",
            ]),
        .testTarget(name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "PublishedNetworks", "COpenBLAS"]),
        .testTarget(
            name: "PublishedNetworksTests",
            dependencies: [
                "PublishedNetworks", "Detectors", "Diffraction", "Inpainting", "NeuralNetwork", "Volume",
                "WorkMessages",
            ]),
        .testTarget(name: "DiffractionTests", dependencies: ["Diffraction", "Fourier", "Volume"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Training", "Diffraction", "Inpainting", "NeuralNetwork", "PublishedNetworks", "Settings", "Volume",
            ]),
        .testTarget(
            name: "AcquisitionTests", dependencies: ["Acquisition", "Diffraction", "Detectors", "ScanFiles", "Volume"]),
        .testTarget(
            name: "StudiesTests",
            dependencies: [
                "Studies", "Inpainting", "Diffraction", "Detectors", "PublishedNetworks", "TestSupport", "Training",
                "Volume", "WorkMessages",
            ]),
        .testTarget(
            name: "ScanProcessingTests",
            dependencies: [
                "ScanProcessing", "Detectors", "Inpainting", "ScanFiles", "TestSupport", "Volume", "WorkMessages",
            ]),
        .testTarget(
            name: "BeamlineTests",
            dependencies: [
                "Beamline", "Conventions", "Settings", "StatusSite", "TestSupport", "WorkMessages",
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "lacuna", "lacuna-lab", "Detectors", "ScanFiles", "TestSupport", "Volume", "WorkMessages",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["BAD-INPUTS.md", "Fixtures"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

/// What computes, and would take minutes of every test run without optimisation.
let numerics = [
    "Volume", "Fourier", "NeuralNetwork", "Inpainting", "Diffraction", "PublishedNetworks", "Training", "Studies",
]

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    if numerics.contains(target.name) {
        target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
    }
    // Newer compilers warn of more, which must not keep anybody from building.
    if Context.environment["CI"] != nil { target.swiftSettings?.append(.treatAllWarnings(as: .error)) }
}
