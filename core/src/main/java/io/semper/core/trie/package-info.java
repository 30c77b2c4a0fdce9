/// Merkle-Patricia tries (Yellow Paper, appendix D): roots, updates along touched paths, proofs.
///
/// Pure functions over nodes named by their path. Knows no database and keeps nothing between
/// calls. Imports `bytes`, `rlp`, `crypto` and, for the account leaf, `view.Account`.
package io.semper.core.trie;
