// swift-tools-version: 6.2
import PackageDescription

// Studies that are run by hand; built apart, so that nothing of them ships.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "lacuna", path: "..")],
    targets: [
        .executableTarget(name: "kriging-study", dependencies: [.product(name: "Filling", package: "lacuna")])
    ],
    swiftLanguageModes: [.v6]
)
