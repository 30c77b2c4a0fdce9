package io.semper.tests.spec;

import java.util.concurrent.Callable;

/// One case of a vector file.
///
/// @param id `archive/file::name`, with an index where several cases share a name
/// @param fork the fixture's name of the fork or network
/// @param run gives the first difference found, or `null` for a pass
record SpecCase(String id, String fork, Callable<String> run) {}
