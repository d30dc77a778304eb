// swift-tools-version: 6.2
import PackageDescription

// Lacuna's own sources, as links: its libraries are no products.
let package = Package(
    name: "phasing",
    platforms: [.macOS(.v15)],
    targets: [
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .target(name: "Volume"),
        .target(name: "Fourier", dependencies: ["Volume", "CFFTW"]),
        .target(name: "Diffraction", dependencies: ["Volume", "Fourier"]),
        .executableTarget(name: "phasing", dependencies: ["Volume", "Fourier", "Diffraction"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
