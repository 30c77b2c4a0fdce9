package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import io.semper.core.view.StateView;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.json.ProofJson;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.SlotRequest;
import io.semper.rpc.param.StorageKey;
import io.semper.rpc.param.StorageKeys;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Accounts and storage.
final class EthState {
  private final ChainView chain;
  private final PoolView pool;
  private final Blocks blocks;

  EthState(ChainView chain, PoolView pool, Blocks blocks) {
    this.chain = chain;
    this.pool = pool;
    this.blocks = blocks;
  }

  @Rpc(value = "eth_getBalance", prompt = true)
  UInt256 getBalance(Address address, @Omittable BlockRef block) {
    return account(address, block).balance();
  }

  @Rpc(value = "eth_getTransactionCount", prompt = true)
  Long getTransactionCount(Address address, @Omittable BlockRef block) {
    return block == BlockRef.Tag.PENDING
        ? pool.nextNonce(address)
        : account(address, block).nonce();
  }

  @Rpc(value = "eth_getCode", prompt = true)
  byte[] getCode(Address address, @Omittable BlockRef block) {
    StateView state = blocks.state(block);
    Account account = state.account(address);
    return account == null ? new byte[0] : state.code(account.codeHash());
  }

  @Rpc(value = "eth_getStorageAt", prompt = true)
  Hash32 getStorageAt(Address address, StorageKey key, @Omittable BlockRef block) {
    return blocks.state(block).storage(address, key.slot()).toHash32();
  }

  @Rpc("eth_getStorageValues")
  Map<Address, List<Hash32>> getStorageValues(SlotRequest request, @Omittable BlockRef block) {
    StateView state = blocks.state(block);
    Map<Address, List<Hash32>> values = new LinkedHashMap<>();
    request
        .slots()
        .forEach((address, keys) ->
            values.put(
                address,
                keys.stream()
                    .map(key -> state.storage(address, key.toUInt256()).toHash32())
                    .toList()));
    return values;
  }

  /// The pending block has no state root to prove against: it is answered for the head.
  @Rpc("eth_getProof")
  ProofJson getProof(Address address, StorageKeys keys, @Omittable BlockRef block) {
    BlockRef sealed = block == BlockRef.Tag.PENDING ? BlockRef.LATEST : block;
    List<UInt256> slots = keys.keys().stream().map(StorageKey::slot).toList();
    return new ProofJson(
        chain.prove(blocks.require(sealed).header(), address, slots),
        keys.keys().stream().map(StorageKey::echo).toList());
  }

  private Account account(Address address, BlockRef block) {
    Account account = blocks.state(block).account(address);
    return account == null ? Account.EMPTY : account;
  }
}
