/// Recursive Length Prefix, the encoding of everything Ethereum hashes (Yellow Paper, appendix B).
///
/// Reading is strict: minimal lengths, no trailing bytes, bounded nesting. Imports only `bytes`.
package io.semper.core.rlp;
