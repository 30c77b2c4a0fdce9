/// Chains as files: concatenated RLP blocks and era1 archives, read one block at a time.
///
/// Readers check what a file alone can prove and hand blocks on unverified otherwise. Memory stays
/// bounded by the largest block. One thread uses a file. Imports `core`, the roots of `block`, and
/// Snappy from `p2p.wire`.
package io.semper.chain.file;
