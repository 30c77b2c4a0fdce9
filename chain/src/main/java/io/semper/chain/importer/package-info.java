/// The ledger: which blocks are kept, which of them are the chain, and how a block gets in.
///
/// Changes are made by one thread at a time ([BlockImporter]); any may read. A block is verified
/// whole (header, body, execution, roots) before anything is written, and one batch then stores it
/// with its state, so that the database is at a consistent head at every instant.
package io.semper.chain.importer;
