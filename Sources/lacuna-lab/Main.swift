import CommandSupport

@main
enum Main {
    static func main() async {
        await CommandLineProgram.run(LacunaLab.self)
    }
}
