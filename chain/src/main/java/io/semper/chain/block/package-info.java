/// Blocks as the protocol defines them: what a header and a body must be, and what executing a
/// block does.
///
/// Pure functions and objects used by one thread; a broken rule is a [Violation], never an
/// exception. Knows no database: states come in as views, ancestors as functions.
package io.semper.chain.block;
