/// The version of this program, as in the change log.
let version = "0.1.0"
