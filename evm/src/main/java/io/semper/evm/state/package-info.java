/// The state of a block while it executes: an undo journal over a read-only view, and the
/// difference it leaves.
package io.semper.evm.state;
