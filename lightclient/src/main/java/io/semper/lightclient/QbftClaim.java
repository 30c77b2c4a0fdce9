package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.types.Header;
import java.util.List;

/// A header somebody claims to be one of the network's.
///
/// @param contractValidators where a contract names the validators: those it names in the proven
///   state after the header's parent, sorted; `null` where the header itself names them
public record QbftClaim(Header header, List<Address> contractValidators) {
  public QbftClaim {
    contractValidators = contractValidators == null ? null : List.copyOf(contractValidators);
  }

  public static QbftClaim of(Header header) {
    return new QbftClaim(header, null);
  }
}
