package io.semper.p2p;

import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.negotiate.Multistream;
import io.semper.p2p.negotiate.NegotiationException;
import io.semper.p2p.security.Noise;
import io.semper.p2p.security.SecureChannel;
import io.semper.p2p.security.Tls;
import io.semper.p2p.security.TlsCertificate;
import io.semper.p2p.wire.Duplex;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/// From a bare connection to a secured one whose multiplexer is agreed on.
///
/// @param certificate ours for TLS
/// @param securities protocols that secure, by preference
/// @param muxers protocols that multiplex, by preference
/// @param early whether to offer the multiplexers within the handshake
record Upgrade(
    PrivateKey identity,
    Supplier<TlsCertificate> certificate,
    List<String> securities,
    List<String> muxers,
    boolean early) {

  static Upgrade of(HostOptions options, Supplier<TlsCertificate> certificate) {
    return new Upgrade(
        options.identity(),
        certificate,
        options.securities(),
        options.muxers(),
        options.earlyMuxer());
  }

  /// What came of it.
  record Result(SecureChannel channel, String security, String muxer, boolean earlyMuxer) {}

  /// The dialling side. Time is bounded by whoever closes the connection.
  Result initiate(Duplex raw, PeerId expected) throws IOException {
    String security = Multistream.propose(raw, securities);
    List<String> offered = early ? muxers : List.of();
    SecureChannel channel =
        switch (security) {
          case Noise.ID -> Noise.initiate(raw, identity, expected, offered);
          case Tls.ID -> Tls.initiate(raw, certificate.get(), expected, offered);
          default -> throw new NegotiationException("no such security: " + security);
        };
    boolean agreed = channel.muxer().isPresent();
    String muxer = agreed ? channel.muxer().get() : Multistream.propose(channel, muxers);
    return new Result(channel, security, muxer, agreed);
  }

  Result respond(Duplex raw) throws IOException {
    String security = Multistream.respond(raw, securities::contains);
    List<String> offered = early ? muxers : List.of();
    SecureChannel channel =
        switch (security) {
          case Noise.ID -> Noise.respond(raw, identity, offered);
          case Tls.ID -> Tls.respond(raw, certificate.get(), offered);
          default -> throw new NegotiationException("no such security: " + security);
        };
    boolean agreed = channel.muxer().isPresent();
    String muxer = agreed ? channel.muxer().get() : Multistream.respond(channel, muxers::contains);
    return new Result(channel, security, muxer, agreed);
  }
}
