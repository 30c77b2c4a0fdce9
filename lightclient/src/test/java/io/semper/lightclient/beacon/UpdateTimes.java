package io.semper.lightclient.beacon;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Bls12381Committee;
import io.semper.core.fixtures.Fixtures;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Measures the verification of mainnet's update of 2026 (all 512 signed): its signature in plain
/// Java and by blst, with a committee seen for the first time and again, and all the rest.
///
/// Argument: repetitions. Prints milliseconds of processor time, medians of the second half.
final class UpdateTimes {
  private static final String FOLDER = "nimbus_verified_proxy/tests/data/lc_";

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private UpdateTimes() {}

  public static void main(String[] arguments) {
    int repetitions = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
    Map<String, byte[]> files = new HashMap<>();
    Fixtures.readArchive("mainnet-blocks.tar.xz", name -> name.startsWith(FOLDER), files::put);
    ConsensusNetwork mainnet = ConsensusNetwork.byName("mainnet").orElseThrow();
    SyncProtocol protocol = new SyncProtocol(mainnet);
    BeaconJson json = new BeaconJson(mainnet.syncCommitteeSize());
    byte[] bootstrapText = files.get(FOLDER + "bootstrap.json");
    JsonNode updateJson =
        BeaconJson.list(BeaconJson.parse(files.get(FOLDER + "updates.json")), 1).get(0);
    LightClientBootstrap bootstrap =
        json.bootstrap(BeaconJson.unwrap(BeaconJson.parse(bootstrapText)));
    LightClientUpdate update = json.update(updateJson, Kind.FULL);
    LightClientStore store = protocol.initialize(bootstrap, 0);

    byte[] committee = bootstrap.currentSyncCommittee().encoded();
    byte[] keys = Arrays.copyOf(committee, 512 * 48);
    byte[] aggregate = Arrays.copyOfRange(committee, 512 * 48, 513 * 48);
    Hash32 root = update.attestedHeader().beacon().root();
    byte[] message = mainnet.syncSigningRoot(root, update.signatureSlot()).toBytes();
    SyncAggregate signed = update.syncAggregate();
    Bls12381Committee java = Bls12381Committee.inJava(keys, aggregate);
    Bls12381Committee blst = Bls12381Committee.of(keys, aggregate);
    System.out.println(
        "signers " + signed.participants() + ", blst " + Bls12381Committee.isNative());
    measure(
        "signature, Java, new committee",
        repetitions,
        () ->
            Bls12381Committee.inJava(keys, aggregate)
                .verify(signed.bits(), message, signed.signature()));
    measure(
        "signature, Java, known committee",
        repetitions,
        () -> java.verify(signed.bits(), message, signed.signature()));
    measure(
        "signature, blst, new committee",
        repetitions,
        () ->
            Bls12381Committee.of(keys, aggregate)
                .verify(signed.bits(), message, signed.signature()));
    measure(
        "signature, blst, known committee",
        repetitions,
        () -> blst.verify(signed.bits(), message, signed.signature()));
    measure(
        "whole update with blst, from JSON",
        repetitions,
        () ->
            protocol.verifyUpdate(store, json.update(updateJson, Kind.FULL), update.signatureSlot())
                == null);
  }

  private static void measure(String what, int repetitions, BooleanSupplier work) {
    long[] nanos = new long[repetitions];
    for (int i = 0; i < repetitions; i++) {
      long start = THREADS.getCurrentThreadCpuTime();
      if (!work.getAsBoolean()) {
        throw new IllegalStateException(what + " failed");
      }
      nanos[i] = THREADS.getCurrentThreadCpuTime() - start;
    }
    double first = nanos[0] / 1e6;
    long[] late = Arrays.copyOfRange(nanos, repetitions / 2, repetitions);
    Arrays.sort(late);
    System.out.printf(
        Locale.ROOT, "%-36s %8.2f ms, first %8.2f ms%n", what, late[late.length / 2] / 1e6, first);
  }
}
