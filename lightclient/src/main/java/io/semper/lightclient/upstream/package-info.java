/// Full nodes that are asked over JSON-RPC and not trusted: which of them to ask, what to do while
/// one is slow, and how their replies become values.
///
/// Who proves something wrong is banned and what it said is kept; who is slow or silent is asked
/// later. What a node's replies take is bounded before it is taken, in bytes and in threads, and is
/// each node's own: see [io.semper.lightclient.upstream.UpstreamLimits]. Knows nothing of what
/// makes a reply true: readers decide.
package io.semper.lightclient.upstream;
