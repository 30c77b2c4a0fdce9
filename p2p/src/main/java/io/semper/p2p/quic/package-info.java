/// QUIC version 1: the second transport, whose connections are secured and multiplexed already.
///
/// netty's codec around quiche does the work on its own event loop; streams here block their
/// callers, as those of Yamux do. Where there is no native library for the platform there is no
/// QUIC. Imports `identity`, `limits`, `mux`, `security`.
package io.semper.p2p.quic;
