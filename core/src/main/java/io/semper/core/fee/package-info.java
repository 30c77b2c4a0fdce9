/// What a header implies about the fees of the block after it.
///
/// Pure functions of headers. Imports `bytes`, `fork` and `types`.
package io.semper.core.fee;
