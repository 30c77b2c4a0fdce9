package io.semper.p2p;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.mux.Yamux;
import io.semper.p2p.security.Noise;
import io.semper.p2p.security.Tls;
import java.util.List;
import java.util.function.Consumer;

/// How a host is to be. Each `with` gives a copy that differs in one thing.
public final class HostOptions {
  private final PrivateKey identity;
  private final String agentVersion;
  private List<Multiaddr> listen = List.of();
  private List<String> securities = List.of(Noise.ID, Tls.ID);
  private boolean earlyMuxer = true;
  private List<String> muxers = List.of(Yamux.ID);
  private String protocolVersion = "";
  private boolean perf;
  private Limits limits = Limits.defaults();
  private Gate gate = Gate.OPEN;

  private HostOptions(PrivateKey identity, String agentVersion) {
    this.identity = identity;
    this.agentVersion = agentVersion;
  }

  public static HostOptions of(PrivateKey identity, String agentVersion) {
    return new HostOptions(identity, agentVersion);
  }

  private HostOptions with(Consumer<HostOptions> difference) {
    HostOptions copy = new HostOptions(identity, agentVersion);
    copy.listen = listen;
    copy.securities = securities;
    copy.earlyMuxer = earlyMuxer;
    copy.muxers = muxers;
    copy.protocolVersion = protocolVersion;
    copy.perf = perf;
    copy.limits = limits;
    copy.gate = gate;
    difference.accept(copy);
    return copy;
  }

  /// Addresses to listen at, port 0 for any; none to only dial.
  public HostOptions withListen(Multiaddr... addresses) {
    return with(copy -> copy.listen = List.of(addresses));
  }

  /// Protocols that secure connections, by preference.
  public HostOptions withSecurities(String... names) {
    return with(copy -> copy.securities = List.of(names));
  }

  /// Whether to agree on the multiplexer within the security handshake.
  public HostOptions withEarlyMuxer(boolean wanted) {
    return with(copy -> copy.earlyMuxer = wanted);
  }

  /// Protocols that multiplex, by preference. Yamux alone unless said otherwise: mplex, which has
  /// no flow control, is to stand last, for peers that speak nothing else.
  public HostOptions withMuxers(String... names) {
    return with(copy -> copy.muxers = List.of(names));
  }

  public HostOptions withProtocolVersion(String version) {
    return with(copy -> copy.protocolVersion = version);
  }

  /// Whether to serve `/perf/1.0.0`, by which any peer can have us send without end.
  public HostOptions withPerf(boolean served) {
    return with(copy -> copy.perf = served);
  }

  public HostOptions withLimits(Limits bounds) {
    return with(copy -> copy.limits = bounds);
  }

  public HostOptions withGate(Gate keeper) {
    return with(copy -> copy.gate = keeper);
  }

  public PrivateKey identity() {
    return identity;
  }

  public String agentVersion() {
    return agentVersion;
  }

  public List<Multiaddr> listen() {
    return listen;
  }

  public List<String> securities() {
    return securities;
  }

  public boolean earlyMuxer() {
    return earlyMuxer;
  }

  public List<String> muxers() {
    return muxers;
  }

  public String protocolVersion() {
    return protocolVersion;
  }

  public boolean perf() {
    return perf;
  }

  public Limits limits() {
    return limits;
  }

  public Gate gate() {
    return gate;
  }
}
