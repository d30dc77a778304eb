// swift-tools-version: 6.2
import PackageDescription

// Lacuna's own sources, as links: its libraries are no products.
let package = Package(
    name: "reading",
    platforms: [.macOS(.v15)],
    dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
    targets: [
        .systemLibrary(name: "CRename"),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .target(name: "Volume"),
        .target(name: "Conventions"),
        .target(name: "WorkMessages"),
        .target(name: "Settings", dependencies: [.product(name: "Yams", package: "Yams")]),
        .target(name: "Detectors", dependencies: ["Volume", "Settings", "WorkMessages"]),
        .target(
            name: "ScanFiles",
            dependencies: [
                "Conventions", "Detectors", "Settings", "Volume", "WorkMessages", "CHDF5", "CPNG", "CISAL", "CRename",
                "CTIFF", "CZip",
            ]),
        .executableTarget(name: "reading", dependencies: ["ScanFiles", "Volume"]),
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
