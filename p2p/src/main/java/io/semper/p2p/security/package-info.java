/// Encrypted and authenticated channels: Noise and TLS 1.3.
///
/// Both prove the peer's identity key before a byte of the connection above is seen. Imports `wire`
/// and `identity`.
package io.semper.p2p.security;
