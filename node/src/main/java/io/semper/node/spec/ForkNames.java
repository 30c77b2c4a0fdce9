package io.semper.node.spec;

import io.semper.core.bytes.UInt256;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The names fixtures have for forks, and for networks that pass from one fork to the next:
/// `BerlinToLondonAt5` by block number, `ShanghaiToCancunAtTime15k` by time,
/// `ArrowGlacierToParisAtDiffC0000` by total difficulty.
final class ForkNames {
  private static final Map<String, Fork> FORKS = new LinkedHashMap<>();
  private static final Pattern TRANSITION =
      Pattern.compile("(\\w+?)To(\\w+?)At(Time|Diff)?([0-9A-F]+)(k?)");

  /// Blob limits of the forks that change nothing else, as the networks of the fixtures have them.
  private static final Map<Fork, BlobParams> BLOB_PARAMS = new EnumMap<>(Fork.class);

  static {
    FORKS.put("Frontier", Fork.FRONTIER);
    FORKS.put("Homestead", Fork.HOMESTEAD);
    FORKS.put("Dao", Fork.DAO);
    FORKS.put("EIP150", Fork.TANGERINE_WHISTLE);
    FORKS.put("TangerineWhistle", Fork.TANGERINE_WHISTLE);
    FORKS.put("EIP158", Fork.SPURIOUS_DRAGON);
    FORKS.put("SpuriousDragon", Fork.SPURIOUS_DRAGON);
    FORKS.put("Byzantium", Fork.BYZANTIUM);
    FORKS.put("Constantinople", Fork.CONSTANTINOPLE);
    FORKS.put("ConstantinopleFix", Fork.PETERSBURG);
    FORKS.put("Istanbul", Fork.ISTANBUL);
    FORKS.put("MuirGlacier", Fork.MUIR_GLACIER);
    FORKS.put("Berlin", Fork.BERLIN);
    FORKS.put("London", Fork.LONDON);
    FORKS.put("ArrowGlacier", Fork.ARROW_GLACIER);
    FORKS.put("GrayGlacier", Fork.GRAY_GLACIER);
    FORKS.put("Merge", Fork.PARIS);
    FORKS.put("Paris", Fork.PARIS);
    FORKS.put("Shanghai", Fork.SHANGHAI);
    FORKS.put("Cancun", Fork.CANCUN);
    FORKS.put("Prague", Fork.PRAGUE);
    FORKS.put("Osaka", Fork.OSAKA);
    FORKS.put("BPO1", Fork.BPO1);
    FORKS.put("BPO2", Fork.BPO2);
    FORKS.put("BPO3", Fork.BPO3);
    FORKS.put("BPO4", Fork.BPO4);
    FORKS.put("BPO5", Fork.BPO5);
    BLOB_PARAMS.put(Fork.CANCUN, BlobParams.CANCUN);
    BLOB_PARAMS.put(Fork.PRAGUE, BlobParams.PRAGUE);
    BLOB_PARAMS.put(Fork.BPO1, new BlobParams(10, 15, 8_346_193));
    BLOB_PARAMS.put(Fork.BPO2, new BlobParams(14, 21, 11_684_671));
    BLOB_PARAMS.put(Fork.BPO3, new BlobParams(21, 32, 20_609_697));
    BLOB_PARAMS.put(Fork.BPO4, new BlobParams(14, 21, 13_739_630));
  }

  private ForkNames() {}

  static Optional<Fork> fork(String name) {
    return Optional.ofNullable(FORKS.get(name));
  }

  /// The schedule a network's name stands for, empty where it is not known.
  ///
  /// @param blobs blob limits the fixture itself gives by fork, which go before the usual ones
  static Optional<ForkSchedule> schedule(String network, Map<Fork, BlobParams> blobs) {
    Map<Fork, BlobParams> blobParams = new EnumMap<>(BLOB_PARAMS);
    blobParams.putAll(blobs);
    Fork only = FORKS.get(network);
    if (only != null) {
      return Optional.of(schedule(only, only, 0, null, blobParams));
    }
    Matcher transition = TRANSITION.matcher(network);
    if (!transition.matches()) {
      return Optional.empty();
    }
    Fork before = FORKS.get(transition.group(1));
    Fork after = FORKS.get(transition.group(2));
    if (before == null || after == null) {
      return Optional.empty();
    }
    if ("Diff".equals(transition.group(3))) {
      UInt256 terminal = UInt256.ofHex(transition.group(4));
      return Optional.of(schedule(Fork.GRAY_GLACIER, Fork.PARIS, 0, terminal, blobParams));
    }
    long at = Long.parseLong(transition.group(4)) * (transition.group(5).isEmpty() ? 1 : 1000);
    return Optional.of(schedule(before, after, at, null, blobParams));
  }

  private static ForkSchedule schedule(
      Fork before, Fork after, long at, UInt256 terminal, Map<Fork, BlobParams> blobParams) {
    Map<Fork, Long> activations = new EnumMap<>(Fork.class);
    for (Fork fork : Fork.values()) {
      // Only the networks that pass through it, or end there, know the DAO fork.
      boolean known = fork != Fork.DAO || after == Fork.DAO;
      if (known && fork != Fork.PARIS && fork != Fork.FRONTIER && !after.before(fork)) {
        activations.put(fork, before.before(fork) ? at : 0);
      }
    }
    UInt256 total = terminal == null && after.atLeast(Fork.PARIS) ? UInt256.ZERO : terminal;
    if (total != null && total.isZero()) {
      activations.put(Fork.PARIS, 0L);
    }
    return new ForkSchedule(activations, blobParams, total);
  }
}
