/// The published test formats of Ethereum, read and run: state tests and blockchain tests, as
/// go-ethereum's `evm statetest` and `evm blocktest` run them.
///
/// Fixtures are read as a stream, one test at a time, since files reach hundreds of megabytes. A
/// test that fails is a value with the first difference found; a file that is no fixture is a
/// [io.semper.node.spec.MalformedFixtureException]. Imports `core`, `genesis`, `evm` and `chain`;
/// nothing here serves a running node.
package io.semper.node.spec;
