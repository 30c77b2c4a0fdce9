package io.semper.evm.precompile;

import io.semper.core.bytes.BigEndian;
import io.semper.core.crypto.Blake2f;
import io.semper.core.fork.Fork;

/// The BLAKE2b compression function (EIP-152).
///
/// Input: rounds (4 bytes, big-endian), state (64), message (128), counter (16), final flag (1);
/// the words are little-endian.
final class Blake2Compression {
  private static final int STATE = 4;
  private static final int MESSAGE = STATE + 64;
  private static final int COUNTER = MESSAGE + 128;
  private static final int FLAG = COUNTER + 16;
  private static final int INPUT_BYTES = FLAG + 1;

  private Blake2Compression() {}

  /// One a round; nothing for input that is going to fail.
  static long gas(byte[] input, Fork fork) {
    return input.length == INPUT_BYTES ? rounds(input) : 0;
  }

  static byte[] run(byte[] input) {
    if (input.length != INPUT_BYTES || (input[FLAG] & 0xFE) != 0) {
      return null;
    }
    long[] state = new long[8];
    for (int i = 0; i < state.length; i++) {
      state[i] = word(input, STATE + 8 * i);
    }
    long[] message = new long[16];
    for (int i = 0; i < message.length; i++) {
      message[i] = word(input, MESSAGE + 8 * i);
    }
    boolean last = input[FLAG] == 1;
    Blake2f.compress(
        rounds(input), state, message, word(input, COUNTER), word(input, COUNTER + 8), last);
    byte[] out = new byte[64];
    for (int i = 0; i < state.length; i++) {
      BigEndian.putLong(out, 8 * i, Long.reverseBytes(state[i]));
    }
    return out;
  }

  private static long rounds(byte[] input) {
    return BigEndian.getInt(input, 0) & 0xFFFF_FFFFL;
  }

  private static long word(byte[] input, int offset) {
    return Long.reverseBytes(BigEndian.getLong(input, offset));
  }
}
