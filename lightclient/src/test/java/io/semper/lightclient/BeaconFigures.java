package io.semper.lightclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.OperatingSystemMXBean;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.view.UnavailableException;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;

/// What a light client of Ethereum costs at its first start in a machine that has just begun, and
/// what it holds after it has followed the recorded network (committees of 512) to its last head. A
/// program, not a test, without arguments.
final class BeaconFigures {
  private static final Hash32 CHECKPOINT =
      Hash32.of("0x66b3035a44466e870572e7f53bd7095d8728fff72ff0fad3b9e97186f44587e7");

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private BeaconFigures() {}

  public static void main(String[] arguments) throws Exception {
    try (RecordedEthereum ethereum = new RecordedEthereum()) {
      ethereum.slot.set(ethereum.heads().firstKey() + 1);
      JsonNode first = ethereum.heads().firstEntry().getValue();
      Address account =
          Address.of(first.get("proofs").iterator().next().get("address").textValue());
      for (String what : new String[] {"first", "second", "third"}) {
        long began = System.nanoTime();
        long worked = PROCESS.getProcessCpuTime();
        try (LightClient client = client(ethereum)) {
          client.balance(account);
          System.out.printf(
              Locale.ROOT,
              "%s start to a proven balance: %.0f ms, %.0f ms of processor (servers included)%n",
              what,
              (System.nanoTime() - began) / 1e6,
              (PROCESS.getProcessCpuTime() - worked) / 1e6);
        }
      }
      System.out.printf(Locale.ROOT, "held at the last head: %.1f MB%n", held(ethereum) / 1e6);
    }
  }

  private static LightClient client(RecordedEthereum ethereum) throws Exception {
    long genesis = ethereum.genesisSeconds();
    InstantSource now = () -> Instant.ofEpochSecond(genesis + 2 * ethereum.slot.get());
    return LightClient.builder(ethereum.network())
        .beacon(ethereum.consensus())
        .consensus(ethereum.rest())
        .upstream(ethereum.rpc())
        .pollMillis(20)
        .checkpoint(CHECKPOINT)
        .clock(new Shown(now))
        .build();
  }

  private static long held(RecordedEthereum ethereum) throws Exception {
    LightClient client = client(ethereum);
    for (Map.Entry<Long, JsonNode> each : ethereum.heads().entrySet()) {
      ethereum.slot.set(each.getKey() + 1);
      long number = Long.decode(each.getValue().at("/block/number").textValue());
      while (client.chain().head().number() != number) {
        client.refresh();
        Thread.sleep(1);
      }
      for (JsonNode proof : each.getValue().get("proofs")) {
        try {
          client.balance(Address.of(proof.get("address").textValue()));
        } catch (UnavailableException notRecorded) {
          // Of a head that has come meanwhile.
        }
      }
    }
    long with = used();
    client.close();
    client = null;
    return with - used();
  }

  private static long used() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /// The recording's clock.
  private static final class Shown extends Clock {
    private final InstantSource now;

    private Shown(InstantSource now) {
      this.now = now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now.instant();
    }
  }
}
