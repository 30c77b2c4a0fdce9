/// What readers of a chain need, implemented by the full node's ledger and by the light client.
///
/// Interfaces and the values they return. Imports `bytes`, `types` and `fork`.
package io.semper.core.view;
