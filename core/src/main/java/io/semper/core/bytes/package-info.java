/// Fixed-size values: addresses, hashes, 256-bit words, and the hexadecimal text they travel as.
///
/// Values are immutable and hold their bits in primitives, so that maps keyed by them cost no
/// pointer chase. Hash codes are seeded per process: keys are chosen by strangers. Imports nothing
/// of Semper.
package io.semper.core.bytes;
