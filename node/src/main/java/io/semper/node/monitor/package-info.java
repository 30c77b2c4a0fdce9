/// What operators watch: health, Prometheus metrics, progress of imports.
///
/// Reads from the parts of the node, changes none of them.
package io.semper.node.monitor;
