/// Which peers to be connected with: a target number, an address book on disk, bans that decay,
/// bootnodes, and others that connected peers tell of.
///
/// [Peers] is the host's gate and listener. It is told of misbehaviour by whoever notices it, and
/// forgets it with time. Imports the host above it, `identity`, `limits`.
package io.semper.p2p.peers;
