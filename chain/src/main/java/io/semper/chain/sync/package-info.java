/// The ledger spread over many nodes: what peers tell and ask each other, catching up with them by
/// ranges of blocks, following them by gossip.
///
/// [RangeSync] fetches what is missing from several peers at once and trusts none: headers must
/// join the chain, bodies must be what the headers commit to, and the importer executes every
/// block. [Replication] follows the head: blocks are relayed after their cheap checks and imported
/// after all. Peers are seen through [SyncPeer], so that everything but the binding to the network
/// runs without one.
///
/// May import `p2p`, which knows nothing of blocks.
package io.semper.chain.sync;
