package io.semper.p2p.discovery;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// One datagram (`discv5-wire.md`): sixteen bytes at random, a header masked by the receiver's id,
/// and a message that only the session's other side reads.
///
/// @param associated the first sixteen bytes and the header unmasked, which are authenticated with
///   the message, and are what a challenge is known by
/// @param authdata depends on the kind
/// @param message encrypted; empty in a challenge
record Packet(Kind kind, byte[] nonce, byte[] authdata, byte[] message, byte[] associated) {
  static final int MAX_BYTES = 1280;
  static final int NONCE_BYTES = 12;
  static final int IV_BYTES = 16;

  /// Of a challenge: a nonce of sixteen bytes and the sequence number of the record known.
  static final int CHALLENGE_BYTES = 24;

  private static final byte[] PROTOCOL = "discv5".getBytes(StandardCharsets.US_ASCII);
  private static final short VERSION = 1;
  private static final int STATIC_HEADER_BYTES = PROTOCOL.length + 2 + 1 + NONCE_BYTES + 2;

  enum Kind {
    MESSAGE,
    CHALLENGE,
    HANDSHAKE
  }

  /// The header of a packet, and what is authenticated with it.
  static byte[] associated(byte[] iv, Kind kind, byte[] nonce, byte[] authdata) {
    ByteBuffer out = ByteBuffer.allocate(IV_BYTES + STATIC_HEADER_BYTES + authdata.length);
    out.put(iv).put(PROTOCOL).putShort(VERSION).put((byte) kind.ordinal()).put(nonce);
    return out.putShort((short) authdata.length).put(authdata).array();
  }

  /// A packet as it is sent to the node of an id.
  static byte[] encode(Hash32 receiver, byte[] associated, byte[] message) {
    byte[] out = Arrays.copyOf(associated, associated.length + message.length);
    int header = associated.length - IV_BYTES;
    mask(receiver, associated, associated, IV_BYTES, header, out);
    System.arraycopy(message, 0, out, associated.length, message.length);
    return out;
  }

  /// Reads a packet to the node of an id.
  ///
  /// @throws MalformedInputException where it is not to that node
  static Packet decode(Hash32 receiver, byte[] in) {
    int shortest = IV_BYTES + STATIC_HEADER_BYTES;
    if (in.length < shortest || in.length > MAX_BYTES) {
      throw new MalformedInputException("packet of " + in.length + " bytes", 0);
    }
    byte[] open = in.clone();
    // Its key is a stream's: the whole is unmasked as if it were a header, and the message left.
    mask(receiver, in, in, IV_BYTES, in.length - IV_BYTES, open);
    ByteBuffer header = ByteBuffer.wrap(open, IV_BYTES, in.length - IV_BYTES);
    byte[] protocol = new byte[PROTOCOL.length];
    header.get(protocol);
    short version = header.getShort();
    int kind = header.get();
    byte[] nonce = new byte[NONCE_BYTES];
    header.get(nonce);
    int length = header.getShort() & 0xFFFF;
    if (!Arrays.equals(protocol, PROTOCOL) || version != VERSION) {
      throw new MalformedInputException("not a packet to this node", IV_BYTES);
    }
    if (kind < 0 || kind >= Kind.values().length || length > header.remaining()) {
      throw new MalformedInputException("packet of kind " + kind, IV_BYTES);
    }
    int end = shortest + length;
    return new Packet(
        Kind.values()[kind],
        nonce,
        Arrays.copyOfRange(open, shortest, end),
        Arrays.copyOfRange(in, end, in.length),
        Arrays.copyOf(open, end));
  }

  private static void mask(
      Hash32 receiver, byte[] iv, byte[] in, int from, int length, byte[] out) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(receiver.toBytes(), 0, IV_BYTES, "AES"),
          new IvParameterSpec(iv, 0, IV_BYTES));
      cipher.doFinal(in, from, length, out, from);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks AES", e);
    }
  }
}
