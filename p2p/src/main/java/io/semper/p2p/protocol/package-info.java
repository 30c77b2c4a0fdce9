/// The small protocols every libp2p peer speaks, one class each: identify, ping, perf.
///
/// Each runs over any stream; the host registers and calls them. Imports `wire`, `identity`, `mux`.
package io.semper.p2p.protocol;
