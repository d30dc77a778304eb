// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "engine",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "lacuna", path: "../..")],
    targets: [.executableTarget(name: "engine", dependencies: [.product(name: "Inpainting", package: "lacuna")])],
    swiftLanguageModes: [.v6]
)
