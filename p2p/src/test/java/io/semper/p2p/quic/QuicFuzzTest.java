package io.semper.p2p.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.semper.core.fuzz.Fuzz;
import io.semper.core.rlp.MalformedInputException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// All of QUIC that is not read by quiche: what a first packet brings to prove its address.
class QuicFuzzTest {
  @TestFactory
  List<DynamicTest> everyDecoder() throws Exception {
    InetSocketAddress here = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 1);
    AddressTokens tokens = new AddressTokens();
    for (int i = 0; i < 20; i++) {
      tokens.began();
    }
    ByteBuf token = Unpooled.buffer();
    tokens.writeToken(token, Unpooled.wrappedBuffer(new byte[8]), here);
    byte[] sound = new byte[token.readableBytes()];
    token.readBytes(sound);
    return List.of(
        Fuzz.of(
            "QUIC token",
            in -> {
              if (tokens.validateToken(Unpooled.wrappedBuffer(in), here) < 0) {
                throw new MalformedInputException("no token for this address", 0);
              }
            },
            sound));
  }
}
