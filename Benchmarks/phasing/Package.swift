// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "phasing",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "lacuna", path: "../..")],
    targets: [.executableTarget(name: "phasing", dependencies: [.product(name: "Diffraction", package: "lacuna")])],
    swiftLanguageModes: [.v6]
)
