package io.semper.tests.interop;

import io.semper.p2p.Host;
import io.semper.p2p.Stream;
import io.semper.p2p.protocol.Delimited;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The test protocols of the peer programs, served and spoken by Semper.
final class InteropProtocols {
  static final String ECHO = "/interop/echo/1.0.0";
  static final String CHUNKS = "/interop/chunks/1.0.0";

  private static final int MAX_MESSAGE_BYTES = 8 << 20;
  private static final Pattern NUMBER = Pattern.compile("\"(n|size)\":\\s*(\\d+)");

  private InteropProtocols() {}

  static void serve(Host host) {
    host.handle(ECHO, 64, InteropProtocols::serveEcho);
    host.handle(CHUNKS, 64, InteropProtocols::serveChunks);
  }

  private static void serveEcho(Stream stream) throws IOException {
    stream.write(Delimited.encode(Delimited.read(stream, MAX_MESSAGE_BYTES)));
  }

  private static void serveChunks(Stream stream) throws IOException {
    String request = new String(Delimited.read(stream, MAX_MESSAGE_BYTES), StandardCharsets.UTF_8);
    int count = 0;
    int size = 0;
    for (Matcher number = NUMBER.matcher(request); number.find(); ) {
      if (number.group(1).equals("n")) {
        count = Integer.parseInt(number.group(2));
      } else {
        size = Integer.parseInt(number.group(2));
      }
    }
    byte[] chunk = new byte[size];
    for (int i = 0; i < count; i++) {
      Arrays.fill(chunk, (byte) i);
      stream.write(Delimited.encode(chunk));
    }
  }

  /// Whether the peer sends the message back as it was. Written by another thread, so that a peer
  /// that answers while it reads cannot stop both.
  static byte[] echo(Stream stream, byte[] message) throws IOException {
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                stream.write(Delimited.encode(message));
                stream.closeWrite();
              } catch (IOException e) {
                stream.reset(0);
              }
            });
    try {
      byte[] answer = Delimited.read(stream, MAX_MESSAGE_BYTES);
      writer.join();
      return answer;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      stream.close();
    }
  }

  /// The number of bytes in `count` chunks.
  static long chunks(Stream stream, int count, int size) throws IOException {
    String request = "{\"n\":" + count + ",\"size\":" + size + "}";
    stream.write(Delimited.encode(request.getBytes(StandardCharsets.UTF_8)));
    stream.closeWrite();
    long total = 0;
    for (int i = 0; i < count; i++) {
      byte[] chunk = Delimited.read(stream, MAX_MESSAGE_BYTES);
      for (byte b : chunk) {
        if (b != (byte) i) {
          throw new IOException("chunk " + i + " holds something else");
        }
      }
      total += chunk.length;
    }
    if (stream.read(new byte[1], 0, 1) >= 0) {
      throw new IOException("more than was asked for");
    }
    stream.close();
    return total;
  }
}
