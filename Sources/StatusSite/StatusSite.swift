package import Foundation
package import WorkMessages

/// What is shown over HTTP: the page for people, `/status` for programs, `/metrics` for Prometheus.
///
/// | path | answer |
/// |---|---|
/// | `GET /`, `/page.css` … | the page and its files |
/// | `GET /state` | what the page shows: ``PageState`` |
/// | `GET /status` | what `lacuna status --json` prints |
/// | `GET /picture/ID` | the picture beside the output of a scan that is done |
/// | `GET /scan/ID` | the page of one scan |
/// | `GET /scan/ID/about` | what that page shows: ``ScanPageState`` |
/// | `GET /scan/ID/frame/N/counts.png` | a section through its output; also `row`, `column`; `gaps`, `uncertainty` |
/// | `GET /history` | the quality of the last scans that are done: ``QualityPoint`` |
/// | `GET /metrics` | counters and gauges |
/// | `POST /retry` | puts the scan `{"scan": ID}` back, where the configuration allows it |
/// | `POST /pause` | has all scans wait, `{"paused": true}`, or go on, `false`, where it allows that |
package struct StatusSite: Sendable {
    private let files: PageFiles
    private let pictures = PictureReader()
    private let sections: OutputPictures
    private let requestGuard: WebGuard
    private let allowsRetry: Bool
    private let daemon: DaemonInsight
    private let status: RecentValue<WebResponse>
    private let state: RecentValue<WebResponse>
    private let metrics: RecentValue<WebResponse>
    private let history: RecentValue<WebResponse>

    /// - Parameters:
    ///   - host: the host of the configured address.
    ///   - pageDirectory: where the files of the page lie; `nil` where none are installed.
    package init(host: String, pageDirectory: String?, allowsRetry: Bool, daemon: DaemonInsight) {
        files = PageFiles(directory: pageDirectory)
        requestGuard = WebGuard(configured: host)
        self.allowsRetry = allowsRetry
        self.daemon = daemon
        sections = OutputPictures(daemon: daemon)
        history = RecentValue(age: .seconds(4)) { try WebResponse(json: await daemon.history()) }
        // However many look, the ledger is asked once a second.
        let report = RecentValue(age: .seconds(1)) { try await daemon.report() }
        status = RecentValue(age: .milliseconds(900)) { try WebResponse(json: await report.value) }
        state = RecentValue(age: .milliseconds(900)) {
            try WebResponse(json: PageState(report: await report.value, allowsRetry: allowsRetry))
        }
        metrics = RecentValue(age: .milliseconds(900)) {
            let text = daemon.metrics(try await report.value).text
            return WebResponse(Data(text.utf8), type: MetricsText.type)
        }
    }

    /// Learns by which names this machine may be called.
    package func learnNames() async { await requestGuard.learnFullName() }

    package func answer(_ request: WebRequest) async -> WebResponse {
        if let refusal = requestGuard.refusal(of: request) { return refusal }
        do {
            switch request.method {
            case "GET", "HEAD": return try await show(request.path)
            case "POST" where request.path == "/retry" && allowsRetry: return try await retry(request)
            case "POST" where request.path == "/pause" && allowsRetry: return try await pause(request)
            default:
                let isCommand = ["/retry", "/pause"].contains(request.path)
                let allowed = isCommand && allowsRetry ? "POST" : "GET, HEAD"
                return WebResponse(status: .methodNotAllowed, headers: ["Allow": allowed])
            }
        } catch is PictureReader.Busy {
            return WebResponse(status: .unavailable, headers: ["Retry-After": "5"])
        } catch let failure as WorkerFailure {
            return WebResponse(status: .notFound, text: failure.message)
        } catch is CancellationError {
            return WebResponse(status: .tooLate, text: "It takes longer than a request may take; ask again.")
        } catch {
            return WebResponse(status: .failure, text: "The ledger cannot be read: \(error)")
        }
    }

    private func show(_ path: String) async throws -> WebResponse {
        switch path {
        case "/state": return try await state.value
        case "/status": return try await status.value
        case "/metrics": return try await metrics.value
        case "/history": return try await history.value
        case _ where path.hasPrefix("/picture/"):
            guard let id = Int64(path.dropFirst("/picture/".count)), let output = try await daemon.scan(id)?.output,
                let picture = try await pictures.picture(ofOutput: output)
            else { return WebResponse(status: .notFound) }
            return WebResponse(png: picture)
        case _ where path.hasPrefix("/scan/"):
            guard let request = ScanRequest(path: path) else { return WebResponse(status: .notFound) }
            return try await show(request) ?? WebResponse(status: .notFound)
        default:
            if let file = files[path] { return file }
            let isMissing = path == "/"
            return WebResponse(
                status: .notFound,
                text: isMissing ? "The files of the page are not installed; /status and /metrics are here." : nil)
        }
    }

    private func show(_ request: ScanRequest) async throws -> WebResponse? {
        switch request {
        case .page: return files[PageFiles.scanPage]
        case .about(let id):
            guard let scan = try await daemon.scan(id) else { return nil }
            var state = ScanPageState(scan: scan)
            if let output = scan.output {
                state.volume = try await sections.description(of: output, written: scan.updated)
            }
            return try WebResponse(json: state)
        case .picture(let id, let axis, let index, let layer):
            guard let scan = try await daemon.scan(id), let output = scan.output else { return nil }
            return try await sections.picture(
                of: output, written: scan.updated, axis: axis, index: index, layer: layer
            ).map { WebResponse(png: $0) }
        }
    }

    private func retry(_ request: WebRequest) async throws -> WebResponse {
        struct RetryBody: Decodable { var scan: Int64 }
        guard Self.isJSON(request) else { return WebResponse(status: .unsupportedMediaType) }
        guard let body = try? JSONDecoder().decode(RetryBody.self, from: request.body) else {
            return WebResponse(status: .badRequest, text: "Expected {\"scan\": its number}.")
        }
        let answer = try await daemon.retry(.named(["\(body.scan)"]))
        if let problem = answer.problem { return WebResponse(status: .notFound, text: problem) }
        return try WebResponse(json: answer)
    }

    private func pause(_ request: WebRequest) async throws -> WebResponse {
        struct PauseBody: Decodable { var paused: Bool }
        guard Self.isJSON(request) else { return WebResponse(status: .unsupportedMediaType) }
        guard let body = try? JSONDecoder().decode(PauseBody.self, from: request.body) else {
            return WebResponse(status: .badRequest, text: "Expected {\"paused\": true or false}.")
        }
        return try WebResponse(json: await daemon.pause(PauseRequest("/", isPaused: body.paused)))
    }

    /// A form of another site cannot send this type without asking first.
    private static func isJSON(_ request: WebRequest) -> Bool {
        request.headers["content-type"]?.hasPrefix("application/json") == true
    }
}

/// What the site may know of the daemon and have it do.
package struct DaemonInsight: Sendable {
    package var report: @Sendable () async throws -> StatusReport
    package var metrics: @Sendable (StatusReport) -> MetricsText
    /// A scan by its number.
    package var scan: @Sendable (Int64) async throws -> StatusReport.Scan?
    /// The quality of the last scans that are done, newest first.
    package var history: @Sendable () async throws -> [QualityPoint]
    /// Looks at an output in a process of its own.
    package var describe: @Sendable (String) async throws -> OutputDescription
    /// Draws a section through an output in a process of its own.
    package var picture: @Sendable (SectionOrder) async throws -> Data
    /// Puts scans back; a name that no scan has is a problem of the answer.
    package var retry: @Sendable (RetryRequest) async throws -> RetryAnswer
    /// Has scans wait, or go on again.
    package var pause: @Sendable (PauseRequest) async throws -> PauseAnswer

    package init(
        report: @escaping @Sendable () async throws -> StatusReport,
        metrics: @escaping @Sendable (StatusReport) -> MetricsText,
        scan: @escaping @Sendable (Int64) async throws -> StatusReport.Scan?,
        history: @escaping @Sendable () async throws -> [QualityPoint],
        describe: @escaping @Sendable (String) async throws -> OutputDescription,
        picture: @escaping @Sendable (SectionOrder) async throws -> Data,
        retry: @escaping @Sendable (RetryRequest) async throws -> RetryAnswer,
        pause: @escaping @Sendable (PauseRequest) async throws -> PauseAnswer
    ) {
        self.report = report
        self.metrics = metrics
        self.scan = scan
        self.history = history
        self.describe = describe
        self.picture = picture
        self.retry = retry
        self.pause = pause
    }
}

/// What the page shows: the daemon's state, with no more failures than a person reads.
struct PageState: Encodable {
    private static let failures = 50

    var machine = MachineName.own
    var allowsRetry: Bool
    var report: StatusReport

    init(report: StatusReport, allowsRetry: Bool) {
        self.report = report
        self.report.failed = Array(report.failed.prefix(Self.failures))
        self.allowsRetry = allowsRetry
    }

    enum CodingKeys: String, CodingKey {
        case machine, report
        case allowsRetry = "allow_retry"
    }
}
