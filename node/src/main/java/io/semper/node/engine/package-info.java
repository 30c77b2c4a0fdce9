/// What stands behind the Engine API: the ledger driven by a consensus layer, payloads in the
/// making, blobs out of the pool, and the server that only those with the secret can ask.
package io.semper.node.engine;
