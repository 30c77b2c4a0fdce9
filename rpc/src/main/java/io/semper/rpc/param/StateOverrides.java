package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.ChecksumAddress;
import io.semper.rpc.RpcException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Accounts as a caller wants them to be during one call.
public record StateOverrides(Map<Address, AccountOverride> accounts) {
  public static final int MAX_ACCOUNTS = 1000;
  public static final int MAX_SLOTS = 10_000;

  /// What is not given is `null` and stays as it is.
  ///
  /// @param state all the storage the account then has
  /// @param stateDiff single slots changed
  /// @param movePrecompileTo where the precompiled contract of this address is reached instead
  public record AccountOverride(
      UInt256 balance,
      Long nonce,
      byte[] code,
      Map<UInt256, UInt256> state,
      Map<UInt256, UInt256> stateDiff,
      Address movePrecompileTo) {}

  public static StateOverrides fromJson(JsonNode node) {
    Decoders.requireObject(node);
    if (node.size() > MAX_ACCOUNTS) {
      throw new IllegalArgumentException("more than " + MAX_ACCOUNTS + " accounts overridden");
    }
    Map<Address, AccountOverride> accounts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      Address address = Decoders.address(TextNode.valueOf(entry.getKey()));
      accounts.put(address, account(address, entry.getValue()));
    }
    return new StateOverrides(accounts);
  }

  private static AccountOverride account(Address address, JsonNode node) {
    Decoders.requireObject(node);
    AccountOverride override =
        new AccountOverride(
            Decoders.field(node, "balance", Decoders::quantity),
            Decoders.field(node, "nonce", Decoders::unsignedLong),
            Decoders.field(node, "code", Decoders::bytes),
            Decoders.field(node, "state", StateOverrides::slots),
            Decoders.field(node, "stateDiff", StateOverrides::slots),
            Decoders.field(node, "movePrecompileToAddress", Decoders::address));
    if (override.state != null && override.stateDiff != null) {
      throw RpcException.server(
          "account " + ChecksumAddress.format(address) + " has both 'state' and 'stateDiff'");
    }
    return override;
  }

  private static Map<UInt256, UInt256> slots(JsonNode node) {
    Decoders.requireObject(node);
    if (node.size() > MAX_SLOTS) {
      throw new IllegalArgumentException("more than " + MAX_SLOTS + " slots overridden");
    }
    Map<UInt256, UInt256> slots = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      slots.put(
          Decoders.hash(TextNode.valueOf(entry.getKey())).toUInt256(),
          Decoders.hash(entry.getValue()).toUInt256());
    }
    return slots;
  }
}
