/// Sockets: TCP as a flow of bytes.
///
/// Imports `wire`.
package io.semper.p2p.transport;
