/// What a Java program sees of a node that runs as a process of its own: web3j, unchanged, against
/// a fresh development chain. The JavaScript libraries have their tests in `tests/dapps`.
package io.semper.tests.dapps;
