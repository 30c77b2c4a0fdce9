/// Networks on this machine: their files, their nodes as processes, and what drives and watches
/// them from outside, over JSON-RPC alone.
package io.semper.node.local;
