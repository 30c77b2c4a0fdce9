package io.semper.chain.db;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.NodePath;
import java.util.Arrays;

/// Every kind of key in the database, one line each: first byte, key, value.
///
/// Numbers in keys are 8 bytes big-endian. `before` values are those a block found: empty where
/// there was none.
public final class Schema {
  // ---- state: latest -------------------------------------------------------------------------
  // 'a' keccak(address)                        -> account: RLP [nonce, balance, root?, code?]
  static final byte ACCOUNT = 'a';
  // 's' keccak(address) keccak(slot)           -> value without leading zeros
  static final byte SLOT = 's';
  // 'n' path                                   -> node of the account trie
  static final byte ACCOUNT_NODE = 'n';
  // 'm' keccak(address) path                   -> node of that account's storage trie
  static final byte STORAGE_NODE = 'm';
  // 'j' keccak(code)                           -> code, where it may jump to (StoredCode); should
  //                                               that ever be another place, another first byte
  static final byte CODE = 'j';
  // 'c' keccak(code)                           -> code; read, but no longer written
  static final byte BARE_CODE = 'c';

  // ---- state: history ------------------------------------------------------------------------
  // 'A' 'S' 'N' 'M': the key above, block number -> value before that block
  // 'd' block number                           -> what the block changed (StateChanges)
  static final byte CHANGES = 'd';

  // ---- blocks --------------------------------------------------------------------------------
  // 'x' block hash                             -> number, total difficulty without leading zeros
  static final byte BLOCK_ENTRY = 'x';
  // 'h' number block hash                      -> header RLP
  static final byte HEADER = 'h';
  // 'b' number block hash                      -> body RLP
  static final byte BODY = 'b';
  // 'r' number block hash                      -> list of receipts without blooms, RLP
  static final byte RECEIPTS = 'r';
  // 'e' number block hash                      -> what a development chain's user changed in the
  //                                               parent's state before: Alteration RLP
  static final byte ALTERATION = 'e';
  // 'k' number                                 -> hash of the canonical block
  static final byte CANONICAL = 'k';
  // 't' transaction hash                       -> canonical block number, index in 4 bytes
  static final byte TRANSACTION = 't';
  // 'i' "genesis" | "head" | "safe" | "final"  -> block hash
  public static final byte[] GENESIS = {'i', 'g', 'e', 'n', 'e', 's', 'i', 's'};
  public static final byte[] HEAD = {'i', 'h', 'e', 'a', 'd'};
  public static final byte[] SAFE = {'i', 's', 'a', 'f', 'e'};
  public static final byte[] FINALIZED = {'i', 'f', 'i', 'n', 'a', 'l'};
  // 'i' "reorg"                                -> hash the head is on its way to
  public static final byte[] REORGANISING_TO = {'i', 'r', 'e', 'o', 'r', 'g'};
  // 'i' "edit"                                 -> Alteration of the head's state, RLP
  public static final byte[] ALTERED = {'i', 'e', 'd', 'i', 't'};

  // ---- development chains --------------------------------------------------------------------
  // 'w' address [slot]                         -> empty: accounts and slots ever written
  static final byte WRITTEN = 'w';

  // ---- the database itself -------------------------------------------------------------------
  // 'i' "state"                                -> newest and oldest block number, state root
  public static final byte[] STATE_EXTENT = {'i', 's', 't', 'a', 't', 'e'};
  // 'i' "batch"                                -> number of the last batch written
  static final byte[] BATCH_NUMBER = {'i', 'b', 'a', 't', 'c', 'h'};

  private Schema() {}

  public static byte[] account(Hash32 account) {
    return hashed(ACCOUNT, account);
  }

  public static byte[] slot(Hash32 account, Hash32 slot) {
    byte[] key = new byte[65];
    key[0] = SLOT;
    account.writeTo(key, 1);
    slot.writeTo(key, 33);
    return key;
  }

  public static byte[] accountNode(NodePath path) {
    byte[] suffix = path.toBytes();
    byte[] key = new byte[1 + suffix.length];
    key[0] = ACCOUNT_NODE;
    System.arraycopy(suffix, 0, key, 1, suffix.length);
    return key;
  }

  public static byte[] storageNode(Hash32 account, NodePath path) {
    byte[] suffix = path.toBytes();
    byte[] key = new byte[33 + suffix.length];
    key[0] = STORAGE_NODE;
    account.writeTo(key, 1);
    System.arraycopy(suffix, 0, key, 33, suffix.length);
    return key;
  }

  public static byte[] code(Hash32 codeHash) {
    return hashed(CODE, codeHash);
  }

  public static byte[] bareCode(Hash32 codeHash) {
    return hashed(BARE_CODE, codeHash);
  }

  /// The history entry of a state key for a block.
  public static byte[] history(byte[] latestKey, long blockNumber) {
    byte[] key = new byte[latestKey.length + 8];
    System.arraycopy(latestKey, 0, key, 0, latestKey.length);
    key[0] = (byte) (key[0] - ('a' - 'A'));
    BigEndian.putLong(key, latestKey.length, blockNumber);
    return key;
  }

  public static byte[] changes(long blockNumber) {
    byte[] key = new byte[9];
    key[0] = CHANGES;
    BigEndian.putLong(key, 1, blockNumber);
    return key;
  }

  public static byte[] blockEntry(Hash32 blockHash) {
    return hashed(BLOCK_ENTRY, blockHash);
  }

  public static byte[] header(long number, Hash32 blockHash) {
    return numbered(HEADER, number, blockHash);
  }

  public static byte[] body(long number, Hash32 blockHash) {
    return numbered(BODY, number, blockHash);
  }

  public static byte[] receipts(long number, Hash32 blockHash) {
    return numbered(RECEIPTS, number, blockHash);
  }

  public static byte[] alteration(long number, Hash32 blockHash) {
    return numbered(ALTERATION, number, blockHash);
  }

  public static byte[] written(Address account) {
    byte[] key = new byte[21];
    key[0] = WRITTEN;
    System.arraycopy(account.toBytes(), 0, key, 1, 20);
    return key;
  }

  public static byte[] written(Address account, UInt256 slot) {
    byte[] key = Arrays.copyOf(written(account), 53);
    slot.writeTo(key, 21);
    return key;
  }

  public static byte[] canonical(long number) {
    byte[] key = new byte[9];
    key[0] = CANONICAL;
    BigEndian.putLong(key, 1, number);
    return key;
  }

  public static byte[] transaction(Hash32 transactionHash) {
    return hashed(TRANSACTION, transactionHash);
  }

  private static byte[] hashed(byte kind, Hash32 hash) {
    byte[] key = new byte[33];
    key[0] = kind;
    hash.writeTo(key, 1);
    return key;
  }

  private static byte[] numbered(byte kind, long number, Hash32 hash) {
    byte[] key = new byte[41];
    key[0] = kind;
    BigEndian.putLong(key, 1, number);
    hash.writeTo(key, 9);
    return key;
  }
}
