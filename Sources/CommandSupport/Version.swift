/// The version of these programs, as in the change log.
package let version = "0.1.0"
