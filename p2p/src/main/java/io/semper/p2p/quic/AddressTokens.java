package io.semper.p2p.quic;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Makes a peer prove its address by a retry, once several handshakes are under way: a sender with
/// a forged address then costs one small packet and no state.
///
/// A token is an authentication code over the address, and the connection id it was sent for.
final class AddressTokens implements QuicTokenHandler {
  private static final int FREE_HANDSHAKES = 8;
  private static final int CODE_BYTES = 32;
  private static final int MAX_ID_BYTES = 20;

  private final SecretKeySpec key;
  private final AtomicInteger handshakes = new AtomicInteger();

  AddressTokens() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    key = new SecretKeySpec(secret, "HmacSHA256");
  }

  void began() {
    handshakes.incrementAndGet();
  }

  void ended() {
    handshakes.decrementAndGet();
  }

  private byte[] code(InetSocketAddress address, byte[] id) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(address.getAddress().getAddress());
      mac.update((byte) (address.getPort() >>> 8));
      mac.update((byte) address.getPort());
      return mac.doFinal(id);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks HmacSHA256", e);
    }
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf connectionId, InetSocketAddress address) {
    if (handshakes.get() < FREE_HANDSHAKES) {
      return false;
    }
    byte[] id = new byte[connectionId.readableBytes()];
    connectionId.getBytes(connectionId.readerIndex(), id);
    out.writeBytes(code(address, id)).writeBytes(id);
    return true;
  }

  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    int length = token.readableBytes();
    if (length < CODE_BYTES || length > maxTokenLength()) {
      return -1;
    }
    byte[] bytes = new byte[length];
    token.getBytes(token.readerIndex(), bytes);
    byte[] id = Arrays.copyOfRange(bytes, CODE_BYTES, length);
    byte[] code = Arrays.copyOf(bytes, CODE_BYTES);
    return MessageDigest.isEqual(code, code(address, id)) ? CODE_BYTES : -1;
  }

  @Override
  public int maxTokenLength() {
    return CODE_BYTES + MAX_ID_BYTES;
  }
}
