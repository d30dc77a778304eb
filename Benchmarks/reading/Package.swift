// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "reading",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "lacuna", path: "../..")],
    targets: [.executableTarget(name: "reading", dependencies: [.product(name: "ScanFiles", package: "lacuna")])],
    swiftLanguageModes: [.v6]
)
