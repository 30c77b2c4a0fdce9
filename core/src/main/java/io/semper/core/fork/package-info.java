/// Which rules apply when: the ordered schedule of forks that everything else looks up.
///
/// Values only. Imports `bytes` and `crypto`.
package io.semper.core.fork;
