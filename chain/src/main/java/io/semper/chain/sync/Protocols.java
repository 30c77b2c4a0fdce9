package io.semper.chain.sync;

import io.semper.core.bytes.Hash32;
import io.semper.p2p.gossip.Topic;
import io.semper.p2p.gossip.TopicScore;

/// The names under which nodes of one network speak of its ledger. Those of networks with different
/// genesis blocks differ, so that nodes of two networks share nothing even when connected.
record Protocols(
    StatusProtocol status,
    HeadersProtocol headers,
    ByHashProtocol bodies,
    ByHashProtocol receipts,
    ByHashProtocol transactions,
    PoolProtocol pool,
    Topic blockTopic,
    Topic transactionTopic,
    String consensusTopic) {
  private static final int HASH_DIGITS = 8;

  /// Nothing to a block's time, and under load a fraction of the writes and half of the copies.
  private static final int TRANSACTIONS_GATHER_MILLIS = 40;

  static Protocols of(Hash32 genesisHash, SyncLimits limits) {
    String network = "/semper/" + genesisHash.toString().substring(2, 2 + HASH_DIGITS);
    int hashes = limits.bodiesPerRequest();
    return new Protocols(
        new StatusProtocol(network + "/status/1"),
        new HeadersProtocol(network + "/headers/1"),
        new ByHashProtocol(network + "/bodies/1", hashes, SyncLimits.MAX_BLOCK_BYTES),
        new ByHashProtocol(network + "/receipts/1", hashes, SyncLimits.MAX_RECEIPTS_BYTES),
        new ByHashProtocol(network + "/transactions/1", hashes, SyncLimits.MAX_TRANSACTION_BYTES),
        new PoolProtocol(network + "/pool/1", limits.pooledHashes()),
        Topic.unsigned(network + "/blocks/1", SyncLimits.MAX_BLOCK_BYTES, TopicScore.DEFAULT),
        Topic.unsigned(
                network + "/transactions/1", SyncLimits.MAX_TRANSACTION_BYTES, TopicScore.DEFAULT)
            .gathering(TRANSACTIONS_GATHER_MILLIS),
        network + "/consensus/1");
  }
}
