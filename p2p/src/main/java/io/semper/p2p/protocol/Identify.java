package io.semper.p2p.protocol;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.SignedEnvelope;
import io.semper.p2p.wire.Duplex;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What peers tell about themselves (`/ipfs/id/1.0.0` and its push).
///
/// @param protocols all that the peer speaks
/// @param agentVersion printable ASCII, whatever the peer sent
/// @param observedAddress ours as the peer sees it; null if it did not say
/// @param signedRecord a sealed [PeerRecord], not opened yet; null if there is none
public record Identify(
    byte[] publicKey,
    List<Multiaddr> addresses,
    List<String> protocols,
    Multiaddr observedAddress,
    String protocolVersion,
    String agentVersion,
    byte[] signedRecord) {
  public static final String ID = "/ipfs/id/1.0.0";
  public static final String PUSH_ID = "/ipfs/id/push/1.0.0";

  /// Longest message read; a peer with more to say sends several.
  public static final int MAX_MESSAGE_BYTES = 8192;

  public static final int MAX_MESSAGES = 10;
  public static final int MAX_PROTOCOLS = 1024;
  public static final int MAX_ADDRESSES = 128;
  private static final int MAX_PROTOCOL_BYTES = 256;
  private static final int MAX_VERSION_BYTES = 256;

  public Identify {
    addresses = List.copyOf(addresses);
    protocols = List.copyOf(protocols);
  }

  /// The message with its length before it.
  public byte[] encode() {
    ProtoWriter out = new ProtoWriter(1024);
    out.bytes(1, publicKey);
    addresses.forEach(address -> out.bytes(2, address.encode()));
    protocols.forEach(protocol -> out.string(3, protocol));
    if (observedAddress != null) {
      out.bytes(4, observedAddress.encode());
    }
    out.string(5, protocolVersion).string(6, agentVersion);
    if (signedRecord != null) {
      out.bytes(8, signedRecord);
    }
    return out.toDelimited();
  }

  /// Reads messages to the end of the stream and merges them.
  ///
  /// @throws MalformedInputException if a message or their number is beyond bounds
  public static Identify read(Duplex stream) throws IOException {
    byte[] publicKey = null;
    List<Multiaddr> addresses = new ArrayList<>();
    List<String> protocols = new ArrayList<>();
    byte[] observed = null;
    String protocolVersion = "";
    String agentVersion = "";
    byte[] record = null;
    for (int messages = 0; ; messages++) {
      byte[] message = Delimited.read(stream, MAX_MESSAGE_BYTES);
      if (message == null) {
        if (messages == 0) {
          throw new EOFException("no identify message");
        }
        break;
      }
      if (messages == MAX_MESSAGES) {
        throw new MalformedInputException("more than " + MAX_MESSAGES + " identify messages", 0);
      }
      ProtoReader in = new ProtoReader(message);
      while (in.next()) {
        switch (in.field()) {
          case 1 -> publicKey = in.bytes(MAX_MESSAGE_BYTES);
          case 2 -> {
            byte[] address = in.bytes(MAX_MESSAGE_BYTES);
            if (addresses.size() < MAX_ADDRESSES) {
              Multiaddr.tryDecode(address).ifPresent(addresses::add);
            }
          }
          case 3 -> {
            String protocol = in.string(MAX_PROTOCOL_BYTES);
            if (protocols.size() < MAX_PROTOCOLS) {
              protocols.add(protocol);
            }
          }
          case 4 -> observed = in.bytes(MAX_MESSAGE_BYTES);
          case 5 -> protocolVersion = printable(in.string(MAX_VERSION_BYTES));
          case 6 -> agentVersion = printable(in.string(MAX_VERSION_BYTES));
          case 8 -> record = in.bytes(SignedEnvelope.MAX_BYTES);
          default -> in.skip();
        }
      }
    }
    return new Identify(
        publicKey,
        addresses,
        protocols,
        observed == null ? null : Multiaddr.tryDecode(observed).orElse(null),
        protocolVersion,
        agentVersion,
        record);
  }

  /// This push, with what it leaves out as it was told before.
  public Identify over(Identify before) {
    return new Identify(
        publicKey == null ? before.publicKey : publicKey,
        addresses.isEmpty() ? before.addresses : addresses,
        protocols.isEmpty() ? before.protocols : protocols,
        observedAddress == null ? before.observedAddress : observedAddress,
        protocolVersion.isEmpty() ? before.protocolVersion : protocolVersion,
        agentVersion.isEmpty() ? before.agentVersion : agentVersion,
        signedRecord == null ? before.signedRecord : signedRecord);
  }

  /// Peers' words end up in logs and terminals.
  private static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.chars().forEach(c -> out.append(c >= ' ' && c < 127 ? (char) c : '?'));
    return out.toString();
  }
}
