package io.semper.p2p.gossip;

/// What a router did and holds, for metrics.
///
/// @param delivered messages accepted
/// @param duplicates copies of messages seen before
/// @param ignored messages of topics not joined, and those ignored by verdict or for lack of one
/// @param rejected messages against the topic's rules or by verdict
/// @param dropped messages that found no room to wait for a verdict
/// @param graylisted RPCs not looked at
/// @param seen messages remembered as seen
/// @param pending messages waiting for a check
/// @param retainedScores peers that left and whose score is kept
public record Statistics(
    long delivered,
    long duplicates,
    long ignored,
    long rejected,
    long dropped,
    long graylisted,
    int peers,
    int seen,
    long historyBytes,
    int pending,
    long pendingBytes,
    int retainedScores) {}
