package io.semper.evm.machine;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Limbs;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.evm.BlockEnv;
import java.util.List;

/// What a contract can see of its block (Yellow Paper, appendix H.2, 40s).
final class BlockInfo {
  private static final int BLOCK_HASH_WINDOW = 256;

  private BlockInfo() {}

  static void define(OpTable t) {
    t.op(0x40, "BLOCKHASH", 1, 1, 20);
    t.op(0x41, "COINBASE", 0, 1, 2);
    t.op(0x42, "TIMESTAMP", 0, 1, 2);
    t.op(0x43, "NUMBER", 0, 1, 2);
    t.op(0x44, "DIFFICULTY", 0, 1, 2);
    t.op(0x45, "GASLIMIT", 0, 1, 2);
    t.op(0x46, "CHAINID", 0, 1, 2, Fork.ISTANBUL);
    t.op(0x47, "SELFBALANCE", 0, 1, 5, Fork.ISTANBUL);
    t.op(0x48, "BASEFEE", 0, 1, 2, Fork.LONDON);
    t.op(0x49, "BLOBHASH", 1, 1, 3, Fork.CANCUN);
    t.op(0x4A, "BLOBBASEFEE", 0, 1, 2, Fork.CANCUN);
  }

  static void blockhash(Frame f, long[] s, int top) {
    BlockEnv env = f.machine.env;
    long number = s[top];
    boolean known =
        Limbs.fitsLong(s, top)
            && number >= 0
            && number < env.number()
            && number >= env.number() - BLOCK_HASH_WINDOW;
    Limbs.set(s, top, known ? env.blockHashes().apply(number).toUInt256() : UInt256.ZERO);
  }

  static void coinbase(Frame f, long[] s, int top) {
    Environment.pushAddress(s, top, f.machine.env.coinbase());
  }

  /// DIFFICULTY, and PREVRANDAO since Paris (EIP-4399).
  static void difficulty(Frame f, long[] s, int top) {
    BlockEnv env = f.machine.env;
    Limbs.set(
        s,
        top,
        f.machine.rules.fork().atLeast(Fork.PARIS)
            ? env.prevRandao().toUInt256()
            : env.difficulty());
  }

  static void blobhash(Frame f, long[] s, int top) {
    List<Hash32> hashes = f.machine.blobHashes;
    boolean known = Limbs.fitsLong(s, top) && s[top] >= 0 && s[top] < hashes.size();
    Limbs.set(s, top, known ? hashes.get((int) s[top]).toUInt256() : UInt256.ZERO);
  }
}
