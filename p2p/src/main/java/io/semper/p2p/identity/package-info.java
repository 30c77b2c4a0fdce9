/// Who a peer is and where it can be reached: keys, peer ids, multiaddrs, signed peer records.
///
/// Values and pure functions; imports only `wire`.
package io.semper.p2p.identity;
