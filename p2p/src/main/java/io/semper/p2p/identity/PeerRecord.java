package io.semper.p2p.identity;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.ProtoReader;
import io.semper.p2p.wire.ProtoWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Where a peer says it can be reached, under its signature (libp2p RFC 0003).
///
/// Domain and payload type are those implementations use; the text of the RFC names others.
///
/// @param seq grows with every record a peer issues; compared unsigned
public record PeerRecord(PeerId peerId, long seq, List<Multiaddr> addresses) {
  /// Addresses kept of a record; what follows is left out.
  public static final int MAX_ADDRESSES = 64;

  private static final String DOMAIN = "libp2p-peer-record";
  private static final byte[] PAYLOAD_TYPE = {3, 1};

  public PeerRecord {
    addresses = List.copyOf(addresses);
  }

  /// The record in a signed envelope, encoded.
  public byte[] seal(PrivateKey key) {
    if (!key.peerId().equals(peerId)) {
      throw new IllegalArgumentException("a peer signs its own record");
    }
    ProtoWriter out = new ProtoWriter(256).bytes(1, peerId.toBytes()).varint(2, seq);
    for (Multiaddr address : addresses) {
      out.message(3, new ProtoWriter(64).bytes(1, address.encode()));
    }
    return SignedEnvelope.seal(key, DOMAIN, PAYLOAD_TYPE, out.toByteArray()).encode();
  }

  /// Reads a sealed record and checks signature, type, and that the key is the peer's.
  ///
  /// Addresses of protocols unknown here are left out.
  public static PeerRecord open(byte[] sealed) {
    SignedEnvelope envelope = SignedEnvelope.decode(sealed);
    PeerRecord record = read(envelope);
    if (!envelope.verify(DOMAIN)) {
      throw new MalformedInputException("peer record with a wrong signature", 0);
    }
    return record;
  }

  /// What an envelope says, whose signature is not looked at.
  static PeerRecord read(SignedEnvelope envelope) {
    if (!Arrays.equals(envelope.payloadType(), PAYLOAD_TYPE)) {
      throw new MalformedInputException("envelope holds no peer record", 0);
    }
    ProtoReader in = new ProtoReader(envelope.payload());
    PeerId id = null;
    long seq = 0;
    List<Multiaddr> addresses = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> id = PeerId.decode(in.bytes(Multihash.MAX_DIGEST_BYTES));
        case 2 -> seq = in.varint();
        case 3 -> readAddress(in.message(), addresses);
        default -> in.skip();
      }
    }
    if (id == null || !PeerId.of(envelope.publicKey()).equals(id)) {
      throw new MalformedInputException("peer record of another peer's key", 0);
    }
    return new PeerRecord(id, seq, addresses);
  }

  private static void readAddress(ProtoReader in, List<Multiaddr> addresses) {
    while (in.next()) {
      if (in.field() == 1 && addresses.size() < MAX_ADDRESSES) {
        byte[] encoded = in.bytes(SignedEnvelope.MAX_BYTES);
        Multiaddr.tryDecode(encoded).ifPresent(addresses::add);
      } else {
        in.skip();
      }
    }
  }
}
