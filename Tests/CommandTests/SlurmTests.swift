import Foundation
import TestSupport
import Testing

@testable import ScanFiles

/// The daemon with a real Slurm.
@Suite(.enabled(if: SlurmCluster.isPossible, "slurm-wlm and munge are not installed, or this is not root"), .serialized)
struct SlurmTests {
    @Test func twentyScansAreDoneThoughANodeIsDrainedAndTheDaemonKilled() async throws {
        try await withCluster { cluster, daemon in
            let template = daemon.directory.appending(path: "template")
            try await Simulated.scan(in: template)
            try land(template, copies: 20, in: daemon.data)
            try daemon.start()
            try await daemon.waitUntilDone(3)
            try await cluster.update("n2", state: "DRAIN")
            try await daemon.waitUntilDone(6)
            try daemon.signal(SIGKILL)
            #expect(try await daemon.end() == 128 + SIGKILL)
            try await daemon.startAndWait()
            try await eventually("all scans are done") { try daemon.ledger.counts() == ["done": 20] }
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)

            for (scan, states) in try daemon.ledger.timelines() {
                #expect(states.suffix(2) == ["processing", "done"], "\(scan): \(states)")
                #expect(states.count { $0 == "processing" } == 1, "\(scan): \(states)")
            }
            // A job ends a moment after its outcome is known.
            try await eventually("all jobs have ended") {
                let tasks = try await cluster.tasks()
                return tasks.count == 20 && tasks.values.allSatisfy { $0 == "COMPLETED" }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: daemon.directory.plainPath + "/jobs").isEmpty)
        }
    }

    @Test func jobsGoOnWithoutTheDaemonAndWithoutSlurmctld() async throws {
        try await withCluster { cluster, daemon in
            try await Simulated.scan(in: daemon.data.appending(path: "first"))
            for node in SlurmCluster.nodes { try await cluster.update(node, state: "DRAIN") }
            try daemon.start()
            try await eventually("a job waits") { daemon.count(of: "with Slurm as job") == 1 }
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)
            #expect(try daemon.ledger.counts() == ["processing": 1])
            for node in SlurmCluster.nodes { try await cluster.update(node, state: "RESUME") }
            try await daemon.startAndWait()
            try await daemon.waitUntilDone(1)

            try await cluster.stopController()
            try await Simulated.scan(in: daemon.data.appending(path: "second"))
            try await eventually("Slurm does not answer") { daemon.count(of: "Slurm does not answer") == 1 }
            try await cluster.startController()
            try await daemon.waitUntilDone(2)
            #expect(daemon.count(of: "Slurm does not answer") == 1 && daemon.count(of: "Slurm answers again") == 1)
            #expect(daemon.count(of: "failed") == 0)
            #expect(try await cluster.tasks().count == 2)
        }
    }

    @Test func whatGoesWrongIsTriedAgain() async throws {
        try await withCluster { cluster, daemon in
            let detectors = daemon.directory.appending(path: "detectors.d")
            _ = try SmallScan.describeDetectors(in: daemon.directory)
            try FileManager.default.moveItem(at: daemon.directory.appending(path: "detectors"), to: detectors)
            let poison = BadInputPlace(directory: daemon.data, name: "poison.h5", detectors: detectors.plainPath)
            let filter = HDF5Filter(id: HDF5Filter.deflate, name: "deflate", parameters: [4])
            try SmallScan.nexus(poison.path, chunk: [1] + SmallScan.image, filters: [filter])
            try poison.damageChunk()
            try daemon.start()
            try await eventually("the poison is quarantined") { daemon.count(of: "quarantined after 2 attempts") == 1 }
            #expect(daemon.count(of: "failed, will be tried again") == 1)

            try await LongScan.write(in: daemon)
            let node = try await eventualNode(of: cluster)
            try await cluster.update(node, state: "DOWN")
            try await eventually("the scan is put back") { daemon.count(of: "NODE_FAIL") == 1 }
            #expect(daemon.count(of: "put back into the queue: job ") == 1)
            _ = try await eventualNode(of: cluster)
            _ = try await cluster.run("scancel", "--user=root")
            try await eventually("an attempt failed") { daemon.count(of: ": CANCELLED") == 1 }
            #expect(daemon.count(of: "failed, will be tried again: job ") == 1)
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)
        }
    }

    /// What sbatch refuses is told in its own words, and costs no attempt.
    @Test func aRefusedBatchCostsNoScanAnAttempt() async throws {
        try await withCluster(slurm: "partition: nowhere, ") { _, daemon in
            try await Simulated.scan(in: daemon.data.appending(path: "first"), Simulated.small)
            try daemon.start()
            try await eventually("the refusal is told", within: .seconds(300)) {
                daemon.count(of: "failed, will be tried again: sbatch: error: Batch job submission failed") > 0
            }
            #expect(try daemon.ledger.attempts() == 0)
            #expect(daemon.count(of: "with Slurm as job") == 0)
            try daemon.signal(SIGTERM)
            #expect(try await daemon.end() == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: daemon.directory.plainPath + "/jobs").isEmpty)
        }
    }

    /// Puts copies of a scan into the tree.
    private func land(_ template: URL, copies: Int, in data: URL) throws {
        for index in 1...copies {
            try FileManager.default.copyItem(at: template, to: data.appending(path: "\(index)"))
        }
    }

    /// The node on which the only job runs, once it does.
    private func eventualNode(of cluster: SlurmCluster) async throws -> String {
        while true {
            let result = try await cluster.run("squeue", "--states=RUNNING", "--noheader", "--format=%N")
            let nodes = result.output.split(separator: "\n").map(String.init)
            if nodes.count == 1 { return nodes[0] }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func withCluster(slurm: String = "", _ body: (SlurmCluster, RestartableDaemon) async throws -> Void)
        async throws
    {
        try await withTemporaryDirectory { directory in
            let cluster = try await SlurmCluster(in: directory.appending(path: "slurm"))
            let jobs = directory.appending(path: "jobs").plainPath
            let daemon = try RestartableDaemon(
                in: directory, watch: "settle_seconds: 0",
                rest: """
                    executor: slurm
                    slurm: {\(slurm)directory: \(jobs), jobs: 8}
                    processing: {method: linear, threads: 1, preview: false}
                    retries: {attempts: 2, backoff_seconds: 0.1}
                    """)
            daemon.environment = cluster.environment
            try await body(cluster, daemon)
            try await cluster.stop()
        }
    }
}
