package io.semper.node.light;

import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.beacon.BeaconStatus;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostListener;
import io.semper.p2p.protocol.Identify;
import io.semper.p2p.reqresp.Answer;
import io.semper.p2p.reqresp.Protocol;
import io.semper.p2p.reqresp.Requests;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What beacon nodes want of each other beside answers (consensus-specs,
/// `phase0/p2p-interface.md`): who dials tells the status of its chain, and some end a connection
/// without one after ten seconds; everybody answers status, ping and metadata.
final class BeaconHandshake implements HostListener {
  private static final Logger LOG = LoggerFactory.getLogger(BeaconHandshake.class);
  private static final String PREFIX = "/eth2/beacon_chain/req/";

  private static final Told STATUS =
      new Told("status/1", BeaconStatus.BYTES, BeaconStatus.BYTES, BeaconStatus::encode);
  private static final Told FULU_STATUS =
      new Told(
          "status/2", BeaconStatus.FULU_BYTES, BeaconStatus.FULU_BYTES, BeaconStatus::encodeFulu);

  /// A number for a number: there is no more to be told than at the beginning.
  private static final Told PING = zeros("ping/1", Long.BYTES, Long.BYTES);

  /// That number, no subnets (64 and 4 bits), and no custody of columns.
  private static final Told METADATA = zeros("metadata/2", 0, 17);

  private static final Told FULU_METADATA = zeros("metadata/3", 0, 17 + Long.BYTES);
  private static final Told GOODBYE = zeros("goodbye/1", Long.BYTES, Long.BYTES);

  private final Requests requests;
  private volatile Supplier<BeaconStatus> status;

  /// A question of fixed length and what is told in return, which is of fixed length as well.
  private record Told(
      String name, int requestBytes, int chunkBytes, Function<BeaconStatus, byte[]> answer)
      implements Protocol<byte[], byte[]> {
    @Override
    public String id() {
      return PREFIX + name + "/ssz_snappy";
    }

    @Override
    public int maxRequestBytes() {
      return requestBytes;
    }

    @Override
    public int maxChunkBytes() {
      return chunkBytes;
    }

    @Override
    public int maxChunks(byte[] question) {
      return 1;
    }

    @Override
    public boolean isBodiless() {
      return requestBytes == 0;
    }

    @Override
    public boolean endsRequest() {
      return true;
    }

    @Override
    public byte[] encodeRequest(byte[] question) {
      return question;
    }

    @Override
    public byte[] decodeRequest(byte[] bytes) {
      return ofLength(requestBytes, bytes);
    }

    @Override
    public byte[] encodeChunk(byte[] chunk) {
      return chunk;
    }

    @Override
    public byte[] decodeChunk(byte[] bytes) {
      return ofLength(chunkBytes, bytes);
    }

    private byte[] ofLength(int expected, byte[] bytes) {
      if (bytes.length != expected) {
        throw new MalformedInputException(name + " of " + bytes.length + " bytes", 0);
      }
      return bytes;
    }
  }

  private static Told zeros(String name, int requestBytes, int chunkBytes) {
    return new Told(name, requestBytes, chunkBytes, status -> new byte[chunkBytes]);
  }

  /// @param status told until [#tell] names another
  BeaconHandshake(Host host, Requests requests, Supplier<BeaconStatus> status) {
    this.requests = requests;
    this.status = status;
    for (Told each : List.of(STATUS, FULU_STATUS, PING, METADATA, FULU_METADATA)) {
      requests.serve(
          each, (peer, question, answer) -> answer.send(each.answer.apply(this.status.get())));
    }
    requests.serve(GOODBYE, (peer, reason, answer) -> host.disconnect(peer));
    host.addListener(this);
  }

  /// What is told from now on.
  void tell(Supplier<BeaconStatus> newer) {
    status = newer;
  }

  /// Now it is known which statuses the peer understands.
  @Override
  public void identified(Connection connection) {
    List<String> spoken = connection.identity().map(Identify::protocols).orElse(List.of());
    if (connection.isOutbound()) {
      List.of(FULU_STATUS, STATUS).stream()
          .filter(each -> spoken.contains(each.id()))
          .findFirst()
          .ifPresent(each ->
              Thread.ofVirtual().name("beacon-status").start(() -> greet(connection, each)));
    }
  }

  private void greet(Connection connection, Told version) {
    byte[] ours = version.answer.apply(status.get());
    try (Answer<byte[]> theirs = requests.ask(connection.peer(), version, ours)) {
      // Whatever it says of itself is believed of nobody.
      theirs.next();
    } catch (IOException | MalformedInputException e) {
      LOG.debug("{} was told our status: {}", connection, e.toString());
    }
  }
}
