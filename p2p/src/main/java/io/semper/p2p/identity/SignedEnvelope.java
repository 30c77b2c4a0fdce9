package io.semper.p2p.identity;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import java.nio.charset.StandardCharsets;

/// A payload signed under a domain, with the key that signed it (libp2p RFC 0002).
public record SignedEnvelope(
    PublicKey publicKey, byte[] payloadType, byte[] payload, byte[] signature) {
  /// Longest envelope read.
  public static final int MAX_BYTES = 8192;

  private static final int MAX_TYPE_BYTES = 256;

  public static SignedEnvelope seal(
      PrivateKey key, String domain, byte[] payloadType, byte[] payload) {
    byte[] signature = key.sign(signed(domain, payloadType, payload));
    return new SignedEnvelope(key.publicKey(), payloadType, payload, signature);
  }

  public static SignedEnvelope decode(byte[] encoded) {
    if (encoded.length > MAX_BYTES) {
      throw new MalformedInputException("signed envelope too long", MAX_BYTES);
    }
    ProtoReader in = new ProtoReader(encoded);
    PublicKey key = null;
    byte[] type = null;
    byte[] payload = null;
    byte[] signature = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> key = PublicKey.decode(in.bytes(PublicKey.MAX_BYTES));
        case 2 -> type = in.bytes(MAX_TYPE_BYTES);
        case 3 -> payload = in.bytes(MAX_BYTES);
        case 5 -> signature = in.bytes(PublicKey.MAX_SIGNATURE_BYTES);
        default -> in.skip();
      }
    }
    if (key == null || type == null || payload == null || signature == null) {
      throw new MalformedInputException("signed envelope lacks a field", encoded.length);
    }
    return new SignedEnvelope(key, type, payload, signature);
  }

  public byte[] encode() {
    return new ProtoWriter(payload.length + 256)
        .bytes(1, publicKey.encode())
        .bytes(2, payloadType)
        .bytes(3, payload)
        .bytes(5, signature)
        .toByteArray();
  }

  /// Whether the key signed this payload and type under `domain`.
  public boolean verify(String domain) {
    return publicKey.verify(signed(domain, payloadType, payload), signature);
  }

  private static byte[] signed(String domain, byte[] type, byte[] payload) {
    byte[] name = domain.getBytes(StandardCharsets.UTF_8);
    return new ProtoWriter(name.length + type.length + payload.length + 12)
        .raw(name.length)
        .append(name, 0, name.length)
        .raw(type.length)
        .append(type, 0, type.length)
        .raw(payload.length)
        .append(payload, 0, payload.length)
        .toByteArray();
  }
}
