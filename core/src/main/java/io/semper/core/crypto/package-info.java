/// Cryptographic primitives, one file each: static functions from bytes to bytes.
///
/// Pure Java throughout; where a native library is at hand it is only a faster way to the same
/// answer. Imports only `bytes`.
package io.semper.core.crypto;
