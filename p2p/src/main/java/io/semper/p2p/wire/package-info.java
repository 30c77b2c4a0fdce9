/// The two encodings under every libp2p message: unsigned varints and protocol buffers.
///
/// Readers check every length against what is really there, and against a limit of the caller,
/// before they allocate; they throw `MalformedInputException` and nothing else. Imports nothing of
/// this module.
package io.semper.p2p.wire;
