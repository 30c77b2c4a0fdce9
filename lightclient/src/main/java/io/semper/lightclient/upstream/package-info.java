/// Full nodes that are asked over JSON-RPC and not trusted: which of them to ask, what to do while
/// one is slow, and how their replies become values.
///
/// Who proves something wrong is banned and what it said is kept; who is slow or silent is asked
/// later. Replies are bounded in bytes and tokens before anything is made of them. Knows nothing of
/// what makes a reply true: readers decide.
package io.semper.lightclient.upstream;
