/// What a chain is made of: headers, transactions, receipts, and how they are encoded and hashed.
///
/// Values only; rules about which values are valid live in `evm` and `chain`. Imports `bytes`,
/// `rlp`, `crypto` and `trie`.
package io.semper.core.types;
