package io.semper.chain.block;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.ExecutionRequests;
import io.semper.core.types.Log;
import io.semper.core.types.Receipt;
import java.io.ByteArrayOutputStream;
import java.util.List;

/// What a block asks of the consensus layer (EIP-7685): deposits read from logs (EIP-6110), and the
/// lists the withdrawal and consolidation contracts return (EIP-7002, EIP-7251).
///
/// A request list is its type byte followed by its data; empty lists are left out.
public final class Requests {
  static final byte DEPOSIT = 0;
  static final byte WITHDRAWAL = 1;
  static final byte CONSOLIDATION = 2;

  private static final Hash32 DEPOSIT_EVENT =
      Hash32.of("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");

  /// The event's ABI encoding: five byte strings, each a length word and its padded bytes.
  private static final int EVENT_BYTES = 576;

  private static final int[] OFFSETS = {160, 256, 320, 384, 512};
  private static final int[] SIZES = {48, 32, 8, 96, 8};

  private Requests() {}

  /// See [ExecutionRequests#hash].
  public static Hash32 hash(List<byte[]> requests) {
    return ExecutionRequests.hash(requests);
  }

  /// Data of the deposits that a block's logs report, in order.
  ///
  /// @throws MalformedInputException where a log is not laid out as the deposit contract does,
  ///   which makes the block invalid
  static byte[] deposits(List<Receipt> receipts, Address depositContract) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Receipt receipt : receipts) {
      for (Log log : receipt.logs()) {
        if (log.address().equals(depositContract)
            && !log.topics().isEmpty()
            && log.topics().getFirst().equals(DEPOSIT_EVENT)) {
          appendDeposit(log.data(), out);
        }
      }
    }
    return out.toByteArray();
  }

  private static void appendDeposit(byte[] data, ByteArrayOutputStream out) {
    if (data.length != EVENT_BYTES) {
      throw new MalformedInputException(
          "deposit event of " + data.length + " bytes, expected " + EVENT_BYTES, 0);
    }
    for (int i = 0; i < OFFSETS.length; i++) {
      expectWord(data, 32 * i, OFFSETS[i], "offset");
      expectWord(data, OFFSETS[i], SIZES[i], "length");
      out.write(data, OFFSETS[i] + 32, SIZES[i]);
    }
  }

  private static void expectWord(byte[] data, int at, int expected, String what) {
    int value = 0;
    boolean wide = false;
    for (int i = 0; i < 32; i++) {
      wide |= i < 28 && data[at + i] != 0;
      value = value << 8 | (data[at + i] & 0xFF);
    }
    if (wide || value != expected) {
      throw new MalformedInputException("deposit event " + what + ", expected " + expected, at);
    }
  }
}
