/// The database: ordered byte keys and values, atomic batches, and the list of everything stored.
///
/// Any thread may read; writes come from one thread at a time. Knows no Ethereum type beyond the
/// shapes of the keys in [Schema].
package io.semper.chain.db;
