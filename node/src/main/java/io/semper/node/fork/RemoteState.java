package io.semper.node.fork;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.rpc.json.Json;
import io.semper.rpc.param.Decoders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The state of another node after one block. Each account and slot is asked for once.
final class RemoteState implements StateView {
  /// Accounts, and slots, that are kept; a chain that reads more has to be started anew.
  private static final int MAX_CACHED = 2_000_000;

  /// Stands for a storage root, which is not asked for: whether there is storage decides only where
  /// a contract can be made, and where code is none can be.
  private static final Hash32 SOME_ROOT = Keccak.hash(new byte[] {'s', 'o', 'm', 'e'});

  private final RemoteNode node;
  private final String block;
  private final Map<Address, Optional<Account>> accounts = new ConcurrentHashMap<>();
  private final Map<SlotKey, UInt256> slots = new ConcurrentHashMap<>();
  private final Map<Hash32, byte[]> codes;

  private record SlotKey(Address address, UInt256 slot) {}

  /// @param codes code by its hash, shared by the states of one node
  RemoteState(RemoteNode node, long number, Map<Hash32, byte[]> codes) {
    this.node = node;
    this.codes = codes;
    block = Json.quantity(number);
  }

  @Override
  public Account account(Address address) {
    Optional<Account> known = accounts.get(address);
    if (known == null) {
      known = Optional.ofNullable(ask(address));
      checkRoom(accounts);
      accounts.put(address, known);
    }
    return known.orElse(null);
  }

  private Account ask(Address address) {
    List<JsonNode> answers =
        node.call(
            List.of(
                new RemoteNode.Call("eth_getBalance", address, block),
                new RemoteNode.Call("eth_getTransactionCount", address, block),
                new RemoteNode.Call("eth_getCode", address, block)));
    try {
      UInt256 balance = Decoders.quantity(answers.get(0));
      long nonce = Decoders.unsignedLong(answers.get(1));
      byte[] code = Decoders.bytes(answers.get(2));
      if (balance.isZero() && nonce == 0 && code.length == 0) {
        return null;
      }
      Hash32 hash = Keccak.hash(code);
      checkRoom(codes);
      codes.put(hash, code);
      return new Account(nonce, balance, code.length == 0 ? Account.EMPTY_ROOT : SOME_ROOT, hash);
    } catch (IllegalArgumentException malformed) {
      throw node.failure("an account that cannot be read: " + malformed.getMessage());
    }
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    SlotKey key = new SlotKey(address, slot);
    UInt256 value = slots.get(key);
    if (value == null) {
      try {
        JsonNode answer = node.call("eth_getStorageAt", address, slot.toHash32(), block);
        value = UInt256.of(Decoders.bytes(answer));
      } catch (IllegalArgumentException malformed) {
        throw node.failure("a slot that cannot be read: " + malformed.getMessage());
      }
      checkRoom(slots);
      slots.put(key, value);
    }
    return value;
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    return codes.getOrDefault(codeHash, new byte[0]);
  }

  private void checkRoom(Map<?, ?> cache) {
    if (cache.size() >= MAX_CACHED) {
      throw node.failure("more than " + MAX_CACHED + " accounts or slots have been read");
    }
  }
}
