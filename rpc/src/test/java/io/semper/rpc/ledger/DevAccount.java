package io.semper.rpc.ledger;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Signature;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.Transaction;
import io.semper.rpc.eth.AccountSigner;
import java.util.List;

/// A key that tests sign with, and what they sign.
public record DevAccount(byte[] key) implements AccountSigner {
  private static final Signature UNSIGNED = new Signature(0, UInt256.ZERO, UInt256.ZERO);
  private static final UInt256 TIP = UInt256.of(1_000_000_000);
  private static final UInt256 MOST = UInt256.of(3_000_000_000L);

  /// Runtime code: emits one log with topic 0x…07 and 32 zero bytes, stores 42 at slot 1, returns
  /// nothing.
  public static final byte[] LOGGER = Hex.decode("600760206000a1602a60015500");

  /// Runtime code: reverts with the call's data.
  public static final byte[] REVERTER = Hex.decode("366000600037366000fd");

  public static DevAccount numbered(int n) {
    return new DevAccount(Keccak.hash(new byte[] {(byte) n}).toBytes());
  }

  public Address address() {
    return Secp256k1.address(Secp256k1.publicKey(key));
  }

  /// Init code that deploys this runtime code.
  public static byte[] deploying(byte[] runtime) {
    String length = "%02x".formatted(runtime.length);
    return Hex.decode(
        "60" + length + "600c60003960" + length + "6000f3" + Hex.encode(runtime).substring(2));
  }

  public Transaction transfer(long nonce, Address to, long wei) {
    return sign(
        new FeeMarketTransaction(
            MemoryChain.CHAIN_ID,
            nonce,
            TIP,
            MOST,
            21_000,
            to,
            UInt256.of(wei),
            new byte[0],
            List.of(),
            UNSIGNED));
  }

  public Transaction call(long nonce, Address to, byte[] data) {
    return sign(
        new FeeMarketTransaction(
            MemoryChain.CHAIN_ID,
            nonce,
            TIP,
            MOST,
            500_000,
            to,
            UInt256.ZERO,
            data,
            List.of(),
            UNSIGNED));
  }

  public Transaction deploy(long nonce, byte[] runtime) {
    return call(nonce, null, deploying(runtime));
  }

  /// Valid on every chain.
  public Transaction unprotected(long nonce, Address to) {
    return sign(
        new LegacyTransaction(null, nonce, MOST, 21_000, to, UInt256.ONE, new byte[0], UNSIGNED));
  }

  private Transaction sign(Transaction unsigned) {
    return unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), key));
  }

  @Override
  public List<Address> accounts() {
    return List.of(address());
  }

  @Override
  public Signature sign(Address account, Hash32 hash) {
    return Secp256k1.sign(hash, key);
  }
}
