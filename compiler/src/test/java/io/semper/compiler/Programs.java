package io.semper.compiler;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hex;
import io.semper.core.fork.Fork;
import io.semper.evm.machine.OpTable;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Random contracts that get somewhere: instructions exist in the fork, most find their operands,
/// most jumps their destinations and lead onwards, memory stays small, and calls go to contracts
/// that exist.
final class Programs {
  private static final int[] BINARY = {
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0A, 0x0B, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17,
    0x18, 0x1A, 0x1B, 0x1C, 0x1D
  };
  private static final int[] UNARY = {0x15, 0x19, 0x1E};
  private static final int[] NULLARY = {
    0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3A, 0x3D, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
    0x58, 0x59, 0x5A, 0x5F
  };

  /// Initialisation code: leaves one byte of code, leaves nothing, stores and goes, fails, takes
  /// what it was sent for its own and stays.
  private static final String[] CREATIONS = {
    "605b60005360016000f3", "00", "34600155600154", "5f5ffd", "33ff"
  };

  private static final int LABELS = 8;
  private static final int MAX_PIECES = 90;

  private final Random random;
  private final int contracts;
  private final Fork fork;
  private final ByteArrayOutputStream code = new ByteArrayOutputStream();
  private final List<int[]> holes = new ArrayList<>();
  private final int[] labels = new int[LABELS];

  /// Labels that stand already.
  private int placed;

  /// Words on the stack that are certain to be there.
  private int height;

  private Programs(Random random, int contracts, Fork fork) {
    this.random = random;
    this.contracts = contracts;
    this.fork = fork;
  }

  /// @param contracts how many there are, at the addresses 0x1000 and up
  static byte[] random(Random random, int contracts, Fork fork) {
    Programs program = new Programs(random, contracts, fork);
    return random.nextInt(40) == 0 ? program.noise() : program.write();
  }

  /// Bytes without a plan.
  private byte[] noise() {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] write() {
    int pieces = 5 + random.nextInt(MAX_PIECES);
    for (int i = 0; i < pieces; i++) {
      if (placed < LABELS && random.nextInt(1 + pieces / LABELS) == 0) {
        label();
      }
      piece();
    }
    while (placed < LABELS) {
      label();
    }
    end();
    byte[] bytes = code.toByteArray();
    for (int[] hole : holes) {
      int to = labels[hole[1]] + (random.nextInt(100) == 0 ? 1 : 0);
      bytes[hole[0]] = (byte) (to >>> 8);
      bytes[hole[0] + 1] = (byte) to;
    }
    return bytes;
  }

  /// Who jumps here may bring fewer words than who falls through; mostly none is relied on.
  private void label() {
    labels[placed++] = code.size();
    op(0x5B);
    height = random.nextInt(3) == 0 ? height : 0;
  }

  /// One of these instructions that the fork has.
  private int pick(int... opcodes) {
    while (true) {
      int opcode = opcodes[random.nextInt(opcodes.length)];
      if (OpTable.row(opcode).since().compareTo(fork) <= 0) {
        return opcode;
      }
    }
  }

  private void op(int opcode) {
    code.write(opcode);
  }

  private void piece() {
    switch (random.nextInt(35)) {
      case 0, 1, 2, 3, 4, 5 -> {
        need(2);
        op(pick(BINARY));
        height--;
      }
      case 6, 7 -> {
        need(1);
        op(pick(UNARY));
      }
      case 8, 9 -> {
        op(pick(NULLARY));
        height++;
      }
      case 10 -> {
        need(3);
        op(0x08 + random.nextInt(2));
        height -= 2;
      }
      case 11, 12, 13 -> push();
      case 14, 15 -> {
        int n = 1 + random.nextInt(random.nextInt(4) == 0 ? 16 : Math.clamp(height, 1, 16));
        need(n);
        op(0x7F + n);
        height++;
      }
      case 16, 17 -> {
        int n = 1 + random.nextInt(random.nextInt(4) == 0 ? 16 : Math.clamp(height - 1L, 1, 16));
        need(n + 1);
        op(0x8F + n);
      }
      case 18 -> {
        need(1);
        op(0x50);
        height--;
      }
      case 19, 20, 21 -> memory();
      case 22, 23 -> storage();
      case 24 -> log();
      case 25, 26 -> branch();
      case 27 -> call();
      case 28 -> subroutine();
      case 29 -> account();
      case 30 -> block();
      case 31 -> create();
      case 32 -> divideTwice();
      case 33 -> loadAndStore();
      default -> {
        if (random.nextInt(12) == 0) {
          end();
        } else if (random.nextInt(200) == 0) {
          op(random.nextInt(256));
        } else {
          jump();
        }
      }
    }
  }

  private void need(int words) {
    if (random.nextInt(400) == 0) {
      return; // find out what too few do
    }
    while (height < words) {
      push();
    }
  }

  private void push() {
    int length = random.nextInt(4) == 0 ? 32 : 1 + random.nextInt(random.nextBoolean() ? 2 : 32);
    op(0x5F + length);
    byte[] value = new byte[length];
    switch (random.nextInt(6)) {
      case 0 -> value[length - 1] = (byte) random.nextInt(4);
      case 1 -> java.util.Arrays.fill(value, (byte) -1);
      case 2 -> value[random.nextInt(length)] = (byte) (1 << random.nextInt(8));
      case 3 -> {
        for (int i = length - Math.min(length, 8 * (1 + random.nextInt(3))); i < length; i++) {
          value[i] = (byte) random.nextInt();
        }
      }
      default -> random.nextBytes(value);
    }
    code.writeBytes(value);
    height++;
  }

  private void push(int value) {
    op(0x61);
    op(value >>> 8);
    op(value);
    height++;
  }

  /// A number around those where an offset, or the end of a word there, leaves 32 or 64 bits.
  private void pushNearLimit() {
    long limit = random.nextBoolean() ? Long.MIN_VALUE : random.nextBoolean() ? 1L << 32 : 1L << 31;
    byte[] value = new byte[Long.BYTES];
    BigEndian.putLong(value, 0, limit + 3 - random.nextInt(40));
    op(0x67);
    code.writeBytes(value);
    height++;
  }

  private void pushLabel() {
    op(0x61);
    int label = random.nextInt(LABELS);
    if (placed < LABELS && random.nextInt(4) != 0) {
      label = placed + random.nextInt(LABELS - placed);
    }
    holes.add(new int[] {code.size(), label});
    op(0);
    op(0);
    height++;
  }

  /// A small offset or length, now and then computed or too large.
  private void offset() {
    if (random.nextInt(60) == 0) {
      push();
    } else if (random.nextInt(60) == 0) {
      pushNearLimit();
    } else if (random.nextInt(4) == 0) {
      need(1);
      op(0x80);
      push(0x3FF);
      op(0x16);
    } else {
      push(random.nextInt(300));
    }
  }

  private void memory() {
    switch (random.nextInt(9)) {
      case 0, 1 -> {
        offset();
        op(0x51);
      }
      case 2, 3 -> {
        need(1);
        offset();
        op(0x52);
        height -= 2;
      }
      case 4 -> {
        need(1);
        offset();
        op(0x53);
        height -= 2;
      }
      case 5 -> {
        offset();
        offset();
        op(0x20);
        height--;
      }
      case 6 -> {
        offset();
        op(0x35);
      }
      case 7 -> {
        offset();
        offset();
        offset();
        op(pick(0x5E, 0x37));
        height -= 3;
      }
      default -> {
        int op = pick(0x39, 0x3E);
        if (op == 0x3E && random.nextInt(8) != 0) {
          op(0x3D); // no more than there is
          height++;
          push(0);
        } else {
          offset();
          offset();
        }
        offset();
        op(op);
        height -= 3;
      }
    }
  }

  /// The same two words, with something in between now and then.
  private void divideTwice() {
    need(2);
    op(0x81);
    op(0x81);
    op(pick(0x04, 0x06));
    height++;
    if (random.nextInt(3) == 0) {
      op(0x19);
      op(0x82);
      op(pick(BINARY));
    }
    op(0x82);
    op(0x82);
    op(pick(0x04, 0x06));
    height++;
  }

  /// At the same place, most often a small one.
  private void loadAndStore() {
    need(1);
    if (random.nextInt(20) != 0) {
      push(0x3FF);
      op(0x16);
      height--;
    }
    if (random.nextBoolean()) {
      op(0x80);
      op(0x80);
      op(0x53);
    }
    op(0x80);
    op(0x51);
    op(0x81);
    op(pick(0x52, 0x53));
    op(0x51);
  }

  private void storage() {
    if (random.nextBoolean()) {
      push(random.nextInt(5));
      op(pick(0x54, 0x54, 0x5C));
    } else {
      need(1);
      push(random.nextInt(5));
      op(pick(0x55, 0x55, 0x5D));
      height -= 2;
    }
  }

  private void log() {
    int topics = random.nextInt(5);
    need(topics);
    push(random.nextInt(70));
    push(random.nextInt(100));
    op(0xA0 + topics);
    height -= 2 + topics;
  }

  private void branch() {
    need(1);
    if (random.nextInt(3) == 0) {
      push(1 + random.nextInt(7));
      op(0x5A); // most loops end when the gas that is left says so
      op(0x06);
    }
    pushLabel();
    op(0x57);
    height -= 2;
  }

  private void jump() {
    pushLabel();
    if (random.nextInt(8) == 0) { // a destination that is computed
      push(0);
      op(0x01);
      height--;
    }
    op(0x56);
    height--;
  }

  /// A return address and a jump, as compilers call functions; some label takes the address up.
  private void subroutine() {
    pushLabel();
    pushLabel();
    op(0x56);
    height--;
    if (random.nextBoolean()) {
      op(0x5B);
      op(0x56);
      height--;
    }
  }

  /// Of a contract, a precompiled one, or nobody.
  private void account() {
    int op = pick(0x31, 0x3B, 0x3C, 0x3F);
    if (op == 0x3C) {
      offset();
      offset();
      offset();
    }
    push(random.nextInt(4) == 0 ? random.nextInt(20) : 0x1000 + random.nextInt(contracts + 1));
    op(op);
    height -= op == 0x3C ? 4 : 0;
  }

  private void block() {
    int op = pick(0x40, 0x49, 0x4A);
    if (op != 0x4A) {
      push(random.nextInt(op == 0x40 ? 1_100 : 3));
    } else {
      height++;
    }
    op(op);
  }

  /// From code pushed right before, sometimes from whatever lies in memory.
  private void create() {
    byte[] init = Hex.decode("0x" + CREATIONS[random.nextInt(CREATIONS.length)]);
    boolean second = pick(0xF0, 0xF5) == 0xF5;
    boolean written = random.nextInt(8) != 0;
    if (written) {
      op(0x5F + init.length);
      code.writeBytes(init);
      height++;
      push(0);
      op(0x52);
      height -= 2;
    }
    if (second) {
      push(random.nextInt(3));
    }
    push(written ? init.length : random.nextInt(40));
    push(written ? 32 - init.length : random.nextInt(100));
    push(random.nextInt(4) == 0 ? 1 : 0);
    op(second ? 0xF5 : 0xF0);
    height -= second ? 3 : 2;
  }

  private void call() {
    int kind = pick(0xF1, 0xF1, 0xF2, 0xF4, 0xFA);
    push(random.nextInt(70));
    push(random.nextInt(100));
    push(random.nextInt(70));
    push(random.nextInt(100));
    if (kind == 0xF1 || kind == 0xF2) {
      push(random.nextInt(4) == 0 ? random.nextInt(9) : 0);
    }
    int pushed = kind == 0xF1 || kind == 0xF2 ? 5 : 4;
    if (height > pushed && random.nextInt(8) == 0) {
      op(0x80 + pushed); // whom a creation before it may have left there
      height++;
    } else {
      push(random.nextInt(8) == 0 ? random.nextInt(12) : 0x1000 + random.nextInt(contracts));
    }
    if (random.nextBoolean()) {
      op(0x5A);
      height++;
    } else {
      push(random.nextInt(0x4000));
    }
    op(kind);
    height -= pushed + 1;
  }

  private void end() {
    int way = random.nextInt(16);
    if (way < 4) {
      op(0x00);
    } else if (way == 4) {
      push(0x1000 + random.nextInt(contracts));
      op(0xFF);
      height--;
    } else {
      push(random.nextInt(100));
      push(random.nextInt(100));
      op(pick(0xFD, 0xF3, 0xF3, 0xF3));
      height -= 2;
    }
  }
}
