/// The daemon: entry point and hand-written wiring of a full node.
///
/// `Node` holds every part and knows the order in which they start and stop; parts know nothing of
/// it. Nothing imports this package but `cli` and the tests.
package io.semper.node;
