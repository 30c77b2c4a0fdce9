/// QBFT: agreement of a known set of validators, after which a block is final.
///
/// **Rules.** [QbftSeal] is what the importer asks of headers; [Validators] says who may propose
/// and seal the block after a header, by votes or by contract. Both are pure but for caches.
///
/// **Agreement.** [Consensus] is one validator's state machine: an [Event] and the time in, a list
/// of [Action]s out; no thread, clock, disk, network or randomness of its own. Its [Mandate] says
/// whether this process may sign with the key, its [Presence] who is heard and where. [Policy]
/// gathers the decisions its safety stands on, so that tests can bring back others' mistakes.
/// [MessageCodec] reads and writes Besu's messages, and finds out who signed them before the state
/// machine sees any: an author named in a message is a fact.
///
/// **Invariants.** A [VoteRecord] is durable before the message it records is sent; nothing signed
/// contradicts a record. A proposal's header has the round of its message, since a certificate is
/// later recognised by it. What a validator can make others hold is one message of each kind. Seals
/// of different rounds never stand in one header.
///
/// **Running it.** [QbftEngine] is the shell: one owner thread, a second one for blocks, a
/// [VoteLog] and a [Transport]. To put it on a network:
///
/// - `Transport.broadcast` publishes bytes to all validators (a topic of its own; not compressed).
///   What comes in on it goes to `QbftEngine.receive`, which answers whether to pass it on.
/// - `Transport.help` and `requestBlocks` move final blocks to those that are behind. Which peer is
///   which validator the network learns from a greeting signed with the validator's key; where it
///   does not know, it may ask or tell any. What arrives is imported in order.
/// - A node without a validator's key needs no engine: it imports blocks like any other, and
///   [QbftSeal] makes sure they are final.
/// - `network init` creates each validator's vote log (`VoteLog.create(path)`), which says that
///   nothing has been signed yet. A validator that finds none waits until the network is past the
///   height it finds it at, or for `takeOver`; where nobody is past the genesis block it begins.
///
/// May import the ledger, pool and producer of this module; knows no network and no command line.
package io.semper.chain.qbft;
