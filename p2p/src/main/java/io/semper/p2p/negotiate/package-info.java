/// multistream-select 1.0: agreeing on a protocol by name.
///
/// Imports only `wire`.
package io.semper.p2p.negotiate;
