package io.semper.p2p.security;

import io.semper.core.crypto.Sha256;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.identity.PublicKey;
import io.semper.p2p.wire.Duplex;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The libp2p Noise handshake: `Noise_XX_25519_ChaChaPoly_SHA256`, whose second and third messages
/// carry identity key, its signature of the static key, and the stream multiplexers offered.
///
/// The static key lives as long as the connection. Messages are framed by two bytes of length.
public final class Noise {
  public static final String ID = "/noise";

  static final int MAX_FRAME_BYTES = 0xffff;

  /// Longest handshake message read: keys, and a payload of key, signature and names.
  private static final int MAX_HANDSHAKE_BYTES = 8192;

  private static final int MAX_MUXERS = 16;
  private static final int MAX_NAME_BYTES = 128;
  private static final byte[] PROTOCOL =
      "Noise_XX_25519_ChaChaPoly_SHA256".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SIGNATURE_PREFIX =
      "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] X25519_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");
  private static final byte[] NONE = new byte[0];

  /// What a handshake payload says.
  record Payload(byte[] identityKey, byte[] signature, List<String> muxers) {}

  private final Duplex raw;
  private final PrivateKey identity;
  private final List<String> muxers;

  private byte[] chainingKey = PROTOCOL;
  private byte[] hash = PROTOCOL;

  /// Within the handshake both directions share a key and the count of its uses.
  private SecretKeySpec key;

  private long nonce;

  /// Made when they are needed: who dials and says nothing, or nonsense, costs no keys.
  private KeyPair ephemeral;

  private KeyPair fixed;

  private Noise(Duplex raw, PrivateKey identity, List<String> muxers) {
    this.raw = raw;
    this.identity = identity;
    this.muxers = muxers;
    mixHash(NONE, 0, 0);
  }

  /// The dialling side.
  ///
  /// @param expected the peer that must answer, or null for any
  /// @param muxers stream multiplexers by preference
  public static SecureChannel initiate(
      Duplex raw, PrivateKey identity, PeerId expected, List<String> muxers) throws IOException {
    return new Noise(raw, identity, muxers).initiator(expected);
  }

  /// The listening side.
  public static SecureChannel respond(Duplex raw, PrivateKey identity, List<String> muxers)
      throws IOException {
    return new Noise(raw, identity, muxers).responder();
  }

  private SecureChannel initiator(PeerId expected) throws IOException {
    // -> e
    makeKeys();
    byte[] e = publicBytes(ephemeral);
    mixHash(e, 0, 32);
    mixHash(NONE, 0, 0);
    writeMessage(e);

    // <- e, ee, s, es, payload
    byte[] second = readMessage(raw, 32 + 48 + 16);
    byte[] re = Arrays.copyOf(second, 32);
    mixHash(re, 0, 32);
    mixKey(agree(ephemeral, re));
    byte[] rs = decryptAndHash(second, 32, 48);
    mixKey(agree(ephemeral, rs));
    Payload theirs = readPayload(decryptAndHash(second, 80, second.length - 80));
    PublicKey remote = verify(theirs, rs, expected);

    // -> s, se, payload
    byte[] s = encryptAndHash(publicBytes(fixed));
    mixKey(agree(fixed, re));
    byte[] payload = encryptAndHash(payload());
    writeMessage(concat(s, payload));

    Optional<String> muxer = choose(muxers, theirs.muxers);
    byte[][] keys = hkdf(chainingKey, NONE);
    return channel(keys[0], keys[1], remote, muxer);
  }

  private SecureChannel responder() throws IOException {
    byte[] re = readFirst(raw);
    makeKeys();
    mixHash(re, 0, 32);
    mixHash(NONE, 0, 0);

    byte[] e = publicBytes(ephemeral);
    mixHash(e, 0, 32);
    mixKey(agree(ephemeral, re));
    byte[] s = encryptAndHash(publicBytes(fixed));
    mixKey(agree(fixed, re));
    byte[] payload = encryptAndHash(payload());
    writeMessage(concat(concat(e, s), payload));

    byte[] third = readMessage(raw, 48 + 16);
    byte[] rs = decryptAndHash(third, 0, 48);
    mixKey(agree(ephemeral, rs));
    Payload theirs = readPayload(decryptAndHash(third, 48, third.length - 48));
    PublicKey remote = verify(theirs, rs, null);

    Optional<String> muxer = choose(theirs.muxers, muxers);
    byte[][] keys = hkdf(chainingKey, NONE);
    return channel(keys[1], keys[0], remote, muxer);
  }

  private void makeKeys() {
    ephemeral = newKeyPair();
    fixed = newKeyPair();
  }

  private SecureChannel channel(
      byte[] sendKey, byte[] receiveKey, PublicKey remote, Optional<String> muxer) {
    return new NoiseChannel(
        raw,
        new NoiseCipher(Aead.fastest(sendKey, true)),
        new NoiseCipher(Aead.fastest(receiveKey, false)),
        remote,
        muxer);
  }

  /// The first of the initiator's that the responder has too; none if a side offers none.
  private static Optional<String> choose(List<String> initiators, List<String> responders)
      throws HandshakeException {
    if (initiators.isEmpty() || responders.isEmpty()) {
      return Optional.empty();
    }
    for (String muxer : initiators) {
      if (responders.contains(muxer)) {
        return Optional.of(muxer);
      }
    }
    throw new HandshakeException("no stream multiplexer in common");
  }

  private byte[] payload() {
    byte[] signature = identity.sign(concat(SIGNATURE_PREFIX, publicBytes(fixed)));
    ProtoWriter out = new ProtoWriter(256);
    out.bytes(1, identity.publicKey().encode()).bytes(2, signature);
    if (!muxers.isEmpty()) {
      ProtoWriter extensions = new ProtoWriter(64);
      muxers.forEach(muxer -> extensions.string(2, muxer));
      out.message(4, extensions);
    }
    return out.toByteArray();
  }

  static Payload readPayload(byte[] bytes) throws HandshakeException {
    try {
      ProtoReader in = new ProtoReader(bytes);
      byte[] key = NONE;
      byte[] signature = NONE;
      List<String> names = new ArrayList<>();
      while (in.next()) {
        switch (in.field()) {
          case 1 -> key = in.bytes(PublicKey.MAX_BYTES);
          case 2 -> signature = in.bytes(PublicKey.MAX_SIGNATURE_BYTES);
          case 4 -> readExtensions(in.message(), names);
          default -> in.skip();
        }
      }
      return new Payload(key, signature, names);
    } catch (MalformedInputException e) {
      throw new HandshakeException("handshake payload: " + e.getMessage(), e);
    }
  }

  private static void readExtensions(ProtoReader in, List<String> names) {
    while (in.next()) {
      if (in.field() == 2 && names.size() < MAX_MUXERS) {
        names.add(in.string(MAX_NAME_BYTES));
      } else {
        in.skip();
      }
    }
  }

  static PublicKey verify(Payload payload, byte[] staticKey, PeerId expected)
      throws HandshakeException {
    PublicKey key;
    try {
      key = PublicKey.decode(payload.identityKey);
    } catch (MalformedInputException e) {
      throw new HandshakeException("identity key: " + e.getMessage(), e);
    }
    PeerId peer = PeerId.of(key);
    if (expected != null && !expected.equals(peer)) {
      throw new HandshakeException("dialled " + expected + " and reached " + peer);
    }
    if (!key.verify(concat(SIGNATURE_PREFIX, staticKey), payload.signature)) {
      throw new HandshakeException("static key is not signed by the identity key");
    }
    return key;
  }

  private void writeMessage(byte[] message) throws IOException {
    byte[] framed = new byte[message.length + 2];
    framed[0] = (byte) (message.length >>> 8);
    framed[1] = (byte) message.length;
    System.arraycopy(message, 0, framed, 2, message.length);
    raw.write(framed);
  }

  /// The dialling side's ephemeral key, which comes alone.
  static byte[] readFirst(Duplex raw) throws IOException {
    byte[] first = readMessage(raw, 32);
    if (first.length != 32) {
      throw new HandshakeException("first message with a payload");
    }
    return first;
  }

  private static byte[] readMessage(Duplex raw, int least) throws IOException {
    byte[] prefix = new byte[2];
    raw.readFully(prefix, 0, 2);
    int length = (prefix[0] & 0xff) << 8 | prefix[1] & 0xff;
    if (length < least || length > MAX_HANDSHAKE_BYTES) {
      throw new HandshakeException("handshake message of " + length + " bytes");
    }
    byte[] message = new byte[length];
    raw.readFully(message, 0, length);
    return message;
  }

  private void mixHash(byte[] data, int offset, int length) {
    MessageDigest digest = Sha256.newDigest();
    digest.update(hash);
    digest.update(data, offset, length);
    hash = digest.digest();
  }

  private void mixKey(byte[] secret) {
    byte[][] keys = hkdf(chainingKey, secret);
    chainingKey = keys[0];
    key = new SecretKeySpec(keys[1], "ChaCha20");
    nonce = 0;
  }

  private byte[] encryptAndHash(byte[] plain) {
    byte[] out;
    try {
      out = cipher(Cipher.ENCRYPT_MODE).doFinal(plain);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    mixHash(out, 0, out.length);
    return out;
  }

  private byte[] decryptAndHash(byte[] in, int offset, int length) throws HandshakeException {
    byte[] out;
    try {
      out = cipher(Cipher.DECRYPT_MODE).doFinal(in, offset, length);
    } catch (AEADBadTagException e) {
      throw new HandshakeException("handshake message is not authentic", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    mixHash(in, offset, length);
    return out;
  }

  private Cipher cipher(int mode) throws GeneralSecurityException {
    ByteBuffer iv = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(4, nonce++);
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(mode, key, new IvParameterSpec(iv.array()));
    cipher.updateAAD(hash);
    return cipher;
  }

  private static byte[][] hkdf(byte[] chainingKey, byte[] input) {
    byte[] temporary = hmac(chainingKey, input);
    byte[] first = hmac(temporary, new byte[] {1});
    byte[] second = hmac(temporary, concat(first, new byte[] {2}));
    return new byte[][] {first, second};
  }

  private static byte[] hmac(byte[] key, byte[] data) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks HmacSHA256", e);
    }
  }

  private static KeyPair newKeyPair() {
    try {
      return KeyPairGenerator.getInstance("X25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks X25519", e);
    }
  }

  private static byte[] publicBytes(KeyPair pair) {
    byte[] spki = pair.getPublic().getEncoded();
    return Arrays.copyOfRange(spki, spki.length - 32, spki.length);
  }

  /// The JDK refuses points of low order, whose secret would be zero.
  private static byte[] agree(KeyPair ours, byte[] theirs) throws HandshakeException {
    try {
      java.security.PublicKey key =
          KeyFactory.getInstance("X25519")
              .generatePublic(new X509EncodedKeySpec(concat(X25519_PREFIX, theirs)));
      KeyAgreement agreement = KeyAgreement.getInstance("X25519");
      agreement.init(ours.getPrivate());
      agreement.doPhase(key, true);
      return agreement.generateSecret();
    } catch (GeneralSecurityException | IllegalStateException e) {
      throw new HandshakeException("key agreement failed", e);
    }
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] out = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, out, first.length, second.length);
    return out;
  }
}
