/// Many streams over one secured connection: Yamux, and what the host needs of any multiplexer.
///
/// Each connection has one reader, which never waits for anything but the socket: it puts what
/// arrives into the streams' buffers, whose size the windows bound. Whoever writes encrypts and
/// sends by itself, unless another thread is already at it and takes the frames along; so nothing
/// is handed over that need not be. Imports `wire` and `limits`.
package io.semper.p2p.mux;
