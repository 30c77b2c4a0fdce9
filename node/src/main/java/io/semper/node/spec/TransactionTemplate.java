package io.semper.node.spec;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.Authorization;
import io.semper.evm.tx.Message;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// The transaction of a state test: several choices of data, gas limit and value, of which every
/// expectation picks one each. Numbers are as wide as the fixture makes them.
///
/// @param sender `null` where only the key is given
/// @param to `null` to create a contract
/// @param gasPrice `null` in transactions with fee caps
/// @param accessLists by the index of data, with `null` for none; `null` where no choice has one
/// @param blobVersionedHashes `null` except for blob transactions
/// @param authorizations `null` except for transactions that set code
record TransactionTemplate(
    BigInteger nonce,
    BigInteger gasPrice,
    BigInteger maxFeePerGas,
    BigInteger maxPriorityFeePerGas,
    BigInteger maxFeePerBlobGas,
    Address sender,
    Address to,
    List<byte[]> data,
    List<BigInteger> gasLimits,
    List<BigInteger> values,
    List<List<AccessListEntry>> accessLists,
    List<Hash32> blobVersionedHashes,
    List<Authorization> authorizations) {

  static TransactionTemplate read(FixtureInput in) {
    var f =
        new Object() {
          BigInteger nonce = BigInteger.ZERO;
          BigInteger gasPrice;
          BigInteger maxFeePerGas;
          BigInteger maxPriorityFeePerGas;
          BigInteger maxFeePerBlobGas;
          byte[] secretKey = {};
          Address sender;
          Address to;
          List<byte[]> data = List.of();
          List<BigInteger> gasLimits = List.of();
          List<BigInteger> values = List.of();
          List<List<AccessListEntry>> accessLists;
          List<Hash32> blobVersionedHashes;
          List<Authorization> authorizations;
        };
    in.object(name -> {
      switch (name) {
        case "nonce" -> f.nonce = in.number();
        case "gasPrice" -> f.gasPrice = in.number();
        case "maxFeePerGas" -> f.maxFeePerGas = in.number();
        case "maxPriorityFeePerGas" -> f.maxPriorityFeePerGas = in.number();
        case "maxFeePerBlobGas" -> f.maxFeePerBlobGas = in.number();
        case "secretKey" -> f.secretKey = in.bytes();
        case "sender" -> f.sender = in.address();
        case "to" -> {
          String to = in.text();
          f.to = to.isEmpty() ? null : in.address(to);
        }
        case "data" -> f.data = in.list(in::bytes);
        case "gasLimit" -> f.gasLimits = in.list(in::number);
        case "value" -> f.values = in.list(in::number);
        case "accessLists" -> f.accessLists = in.list(() -> readAccessList(in));
        case "blobVersionedHashes" -> f.blobVersionedHashes = in.list(in::hash);
        case "authorizationList" -> f.authorizations = in.list(() -> readAuthorization(in));
        default -> in.skip();
      }
    });
    if (f.sender == null && f.secretKey.length == Hash32.BYTES) {
      f.sender = Secp256k1.address(Secp256k1.publicKey(f.secretKey));
    }
    return new TransactionTemplate(
        f.nonce,
        f.gasPrice,
        f.maxFeePerGas,
        f.maxPriorityFeePerGas,
        f.maxFeePerBlobGas,
        f.sender,
        f.to,
        f.data,
        f.gasLimits,
        f.values,
        f.accessLists,
        f.blobVersionedHashes,
        f.authorizations);
  }

  private static List<AccessListEntry> readAccessList(FixtureInput in) {
    return in.nextIsNull() ? null : in.list(() -> readAccessListEntry(in));
  }

  private static AccessListEntry readAccessListEntry(FixtureInput in) {
    var f =
        new Object() {
          Address address = Address.ZERO;
          List<Hash32> storageKeys = List.of();
        };
    in.object(name -> {
      switch (name) {
        case "address" -> f.address = in.address();
        case "storageKeys" -> f.storageKeys = in.list(in::hash);
        default -> in.skip();
      }
    });
    return new AccessListEntry(f.address, f.storageKeys);
  }

  private static Authorization readAuthorization(FixtureInput in) {
    var f =
        new Object() {
          UInt256 chainId = UInt256.ZERO;
          Address address = Address.ZERO;
          long nonce;
          int v;
          UInt256 r = UInt256.ZERO;
          UInt256 s = UInt256.ZERO;
        };
    in.object(name -> {
      switch (name) {
        case "chainId" -> f.chainId = in.word();
        case "address" -> f.address = in.address();
        case "nonce" -> f.nonce = in.unsignedLong();
        case "v" -> f.v = in.integer();
        case "r" -> f.r = in.word();
        case "s" -> f.s = in.word();
        default -> in.skip();
      }
    });
    return new Authorization(f.chainId, f.address, f.nonce, f.v, f.r, f.s);
  }

  /// The EIP-2718 type these choices make.
  int type(int dataIndex) {
    if (authorizations != null) {
      return 4;
    }
    if (blobVersionedHashes != null || maxFeePerBlobGas != null) {
      return 3;
    }
    if (maxFeePerGas != null || maxPriorityFeePerGas != null) {
      return 2;
    }
    return accessList(dataIndex) != null ? 1 : 0;
  }

  private List<AccessListEntry> accessList(int dataIndex) {
    return accessLists == null || dataIndex >= accessLists.size()
        ? null
        : accessLists.get(dataIndex);
  }

  /// Why these choices cannot be encoded as a transaction at all, or `null` where they can.
  String unencodable(int gasIndex, int valueIndex) {
    if (nonce.bitLength() > 64) {
      return "nonce " + nonce + " exceeds 2^64-1 (EIP-2681)";
    }
    if (gasLimits.get(gasIndex).bitLength() > 63) {
      return "gas limit " + gasLimits.get(gasIndex) + " exceeds 63 bits";
    }
    BigInteger value = values.get(valueIndex);
    if (value.bitLength() > 256) {
      return "invalid tx value \"0x" + value.toString(16) + "\"";
    }
    List<BigInteger> prices = new ArrayList<>();
    prices.add(gasPrice);
    prices.add(maxFeePerGas);
    prices.add(maxPriorityFeePerGas);
    prices.add(maxFeePerBlobGas);
    for (BigInteger price : prices) {
      if (price != null && price.bitLength() > 256) {
        return "price 0x" + price.toString(16) + " exceeds 256 bits";
      }
    }
    return gasPrice == null && maxFeePerGas == null ? "no gas price provided" : null;
  }

  /// The message of these choices, which must be encodable.
  Message message(int dataIndex, int gasIndex, int valueIndex) {
    BigInteger cap = maxFeePerGas != null ? maxFeePerGas : gasPrice;
    BigInteger tip = maxPriorityFeePerGas != null ? maxPriorityFeePerGas : cap;
    List<AccessListEntry> accessList = accessList(dataIndex);
    return new Message(
        type(dataIndex),
        sender,
        to,
        nonce.longValue(),
        gasLimits.get(gasIndex).longValueExact(),
        UInt256.of(cap),
        UInt256.of(tip),
        UInt256.of(values.get(valueIndex)),
        data.get(dataIndex),
        accessList == null ? List.of() : accessList,
        maxFeePerBlobGas == null ? UInt256.ZERO : UInt256.of(maxFeePerBlobGas),
        blobVersionedHashes == null ? List.of() : blobVersionedHashes,
        authorizations == null ? List.of() : authorizations);
  }
}
