package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.AccessListEntry;
import io.semper.core.types.Authorization;
import io.semper.rpc.RpcException;
import java.util.List;

/// A transaction as a caller describes it. Fields not given are `null`.
///
/// @param data `input`, or `data` where there is no `input`
/// @param type what the caller named it, which only checks use: the fields decide
public record CallRequest(
    Address from,
    Address to,
    Long gas,
    UInt256 gasPrice,
    UInt256 maxFeePerGas,
    UInt256 maxPriorityFeePerGas,
    UInt256 value,
    Long nonce,
    byte[] data,
    UInt256 chainId,
    List<AccessListEntry> accessList,
    UInt256 maxFeePerBlobGas,
    List<Hash32> blobVersionedHashes,
    List<Authorization> authorizations,
    Long type) {
  /// More than fit in any block.
  private static final int MAX_LIST = 100_000;

  public static CallRequest fromJson(JsonNode node) {
    Decoders.requireObject(node);
    if (node.hasNonNull("blobs")) {
      throw new IllegalArgumentException("\"blobs\" is not supported, name blobVersionedHashes");
    }
    byte[] input = Decoders.field(node, "input", CallRequest::maybeEmptyBytes);
    byte[] data = Decoders.field(node, "data", CallRequest::maybeEmptyBytes);
    CallRequest request =
        new CallRequest(
            Decoders.field(node, "from", Decoders::address),
            Decoders.field(node, "to", CallRequest::recipient),
            Decoders.field(node, "gas", Decoders::unsignedLong),
            Decoders.field(node, "gasPrice", Decoders::quantity),
            Decoders.field(node, "maxFeePerGas", Decoders::quantity),
            Decoders.field(node, "maxPriorityFeePerGas", Decoders::quantity),
            Decoders.field(node, "value", Decoders::quantity),
            Decoders.field(node, "nonce", Decoders::unsignedLong),
            input == null ? data : input,
            Decoders.field(node, "chainId", Decoders::quantity),
            Decoders.field(node, "accessList", CallRequest::accessList),
            Decoders.field(node, "maxFeePerBlobGas", Decoders::quantity),
            Decoders.field(
                node, "blobVersionedHashes", n -> Decoders.list(n, MAX_LIST, Decoders::hash)),
            Decoders.field(
                node,
                "authorizationList",
                n -> Decoders.list(n, MAX_LIST, CallRequest::authorization)),
            Decoders.field(node, "type", Decoders::unsignedLong));
    if (request.gasPrice != null
        && (request.maxFeePerGas != null || request.maxPriorityFeePerGas != null)) {
      throw RpcException.server(
          "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
    }
    return request;
  }

  /// Libraries also write the missing recipient of a creation, and no data, as the empty string.
  private static Address recipient(JsonNode node) {
    return node.isTextual() && node.textValue().length() <= 2 ? null : Decoders.address(node);
  }

  private static byte[] maybeEmptyBytes(JsonNode node) {
    return node.isTextual() && node.textValue().isEmpty() ? new byte[0] : Decoders.bytes(node);
  }

  private static List<AccessListEntry> accessList(JsonNode node) {
    return Decoders.list(
        node,
        MAX_LIST,
        entry -> {
          Decoders.requireObject(entry);
          Address address = Decoders.required(entry, "address", Decoders::address);
          List<Hash32> keys =
              Decoders.field(entry, "storageKeys", n -> Decoders.list(n, MAX_LIST, Decoders::hash));
          return new AccessListEntry(address, keys == null ? List.of() : keys);
        });
  }

  private static Authorization authorization(JsonNode node) {
    Decoders.requireObject(node);
    boolean oldName = node.hasNonNull("v") && !node.hasNonNull("yParity");
    Long parity = Decoders.required(node, oldName ? "v" : "yParity", Decoders::unsignedLong);
    if (parity > 255 || parity < 0) {
      throw new IllegalArgumentException("authorization parity exceeds one byte");
    }
    return new Authorization(
        Decoders.required(node, "chainId", Decoders::quantity),
        Decoders.required(node, "address", Decoders::address),
        Decoders.required(node, "nonce", Decoders::unsignedLong),
        parity.intValue(),
        Decoders.required(node, "r", Decoders::quantity),
        Decoders.required(node, "s", Decoders::quantity));
  }

  /// The sender, the zero address where none is named.
  public Address sender() {
    return from == null ? Address.ZERO : from;
  }

  public byte[] dataOrEmpty() {
    return data == null ? new byte[0] : data;
  }

  public UInt256 valueOrZero() {
    return value == null ? UInt256.ZERO : value;
  }

  /// The EIP-2718 type its fields call for.
  public int impliedType() {
    if (authorizations != null) return 4;
    if (blobVersionedHashes != null) return 3;
    if (maxFeePerGas != null || maxPriorityFeePerGas != null) return 2;
    return accessList == null ? 0 : 1;
  }
}
