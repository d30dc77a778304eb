import Foundation
import Testing

@testable import Beamline

@Suite struct AgendaTests {
    private let now = Date()

    @Test func filesThatChangeAllTheTimeDoNotStarveTheBacklog() {
        var agenda = Agenda()
        for number in 1...3 { agenda.addToBacklog("past\(number)", modified: Int64(number)) }
        var order: [String] = []
        for number in 1...12 {
            agenda.add("live\(number)", at: now, for: .event)
            order.append(agenda.next(at: now) ?? "")
        }
        let past = order.enumerated().filter { $0.element.hasPrefix("past") }
        #expect(past.map(\.element) == ["past3", "past2", "past1"])
        #expect(past.map(\.offset) == [3, 7, 11])
    }

    @Test func nothingIsTakenBeforeItsTime() {
        var agenda = Agenda()
        agenda.add("later", at: now + 5, for: .retry)
        #expect(agenda.next(at: now) == nil)
        #expect(agenda.next(at: now + 5) == "later")
        #expect(agenda.isEmpty)
    }
}
