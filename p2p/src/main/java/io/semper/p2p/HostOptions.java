package io.semper.p2p;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Limits;
import io.semper.p2p.security.Noise;
import io.semper.p2p.security.Tls;
import java.util.List;

/// How a host is to be.
///
/// @param listen addresses to listen at, port 0 for any; none to only dial
/// @param securities protocols that secure connections, by preference
/// @param earlyMuxer whether to agree on the multiplexer within the security handshake
/// @param perf whether to serve `/perf/1.0.0`, by which any peer can have us send without end
public record HostOptions(
    PrivateKey identity,
    List<Multiaddr> listen,
    List<String> securities,
    boolean earlyMuxer,
    String protocolVersion,
    String agentVersion,
    boolean perf,
    Limits limits,
    Gate gate) {

  public HostOptions {
    listen = List.copyOf(listen);
    securities = List.copyOf(securities);
  }

  public static HostOptions of(PrivateKey identity, String agentVersion) {
    return new HostOptions(
        identity,
        List.of(),
        List.of(Noise.ID, Tls.ID),
        true,
        "",
        agentVersion,
        false,
        Limits.defaults(),
        Gate.OPEN);
  }

  public HostOptions withListen(Multiaddr... addresses) {
    return new HostOptions(
        identity,
        List.of(addresses),
        securities,
        earlyMuxer,
        protocolVersion,
        agentVersion,
        perf,
        limits,
        gate);
  }

  public HostOptions withSecurities(String... names) {
    return new HostOptions(
        identity,
        listen,
        List.of(names),
        earlyMuxer,
        protocolVersion,
        agentVersion,
        perf,
        limits,
        gate);
  }

  public HostOptions withEarlyMuxer(boolean wanted) {
    return new HostOptions(
        identity, listen, securities, wanted, protocolVersion, agentVersion, perf, limits, gate);
  }

  public HostOptions withProtocolVersion(String version) {
    return new HostOptions(
        identity, listen, securities, earlyMuxer, version, agentVersion, perf, limits, gate);
  }

  public HostOptions withPerf(boolean served) {
    return new HostOptions(
        identity,
        listen,
        securities,
        earlyMuxer,
        protocolVersion,
        agentVersion,
        served,
        limits,
        gate);
  }

  public HostOptions withLimits(Limits bounds) {
    return new HostOptions(
        identity,
        listen,
        securities,
        earlyMuxer,
        protocolVersion,
        agentVersion,
        perf,
        bounds,
        gate);
  }

  public HostOptions withGate(Gate keeper) {
    return new HostOptions(
        identity,
        listen,
        securities,
        earlyMuxer,
        protocolVersion,
        agentVersion,
        perf,
        limits,
        keeper);
  }
}
