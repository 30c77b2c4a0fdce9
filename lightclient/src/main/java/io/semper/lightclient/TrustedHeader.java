package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import java.util.List;

/// A block of a QBFT network that is believed, and who was to seal it.
///
/// @param timestamp seconds since 1970
/// @param validators sorted
public record TrustedHeader(long number, Hash32 hash, long timestamp, List<Address> validators) {
  public TrustedHeader {
    validators = List.copyOf(validators);
  }

  static TrustedHeader of(Header header, List<Address> validators) {
    return new TrustedHeader(header.number(), header.hash(), header.timestamp(), validators);
  }
}
