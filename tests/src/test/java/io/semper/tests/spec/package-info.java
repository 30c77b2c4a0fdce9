/// The official conformance vectors: every case of the published archives, or a seeded sample.
///
/// `mvn verify` runs a small fixed sample; `mvn verify -Pconformance` runs everything. System
/// properties narrow a run:
///
/// | property | meaning | default |
/// |---|---|---|
/// | `semper.sample` | share of the cases, 1 for all | 0.002; else 1 if narrowed |
/// | `semper.seed` | which sample | 1 |
/// | `semper.filter` | regular expression found in `archive/file::name` | every case |
/// | `semper.fork` | name of the fork or network | every one |
/// | `semper.compile` | contracts to translate: off, hot or always | hot |
///
/// Cases known to fail stand in `known-failures.txt`, one a line, with the reason.
package io.semper.tests.spec;
