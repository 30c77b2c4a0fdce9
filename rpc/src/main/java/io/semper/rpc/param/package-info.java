/// What callers send, decoded and bounded: one class a shape, one place for numbers and bytes.
///
/// Bad input is an [IllegalArgumentException] whose text is go-ethereum's; the dispatcher turns it
/// into `invalid argument N: …`. Imports `core` only.
package io.semper.rpc.param;
