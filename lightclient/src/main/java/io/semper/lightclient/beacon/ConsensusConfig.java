package io.semper.lightclient.beacon;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.semper.core.bytes.Hash32;
import io.semper.lightclient.beacon.ConsensusNetwork.Activation;
import io.semper.lightclient.beacon.ConsensusNetwork.BlobLimit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads settings of a beacon chain, in the two shapes they come in: lines of `KEY: value`, or
/// JSON. Keys that a light client does not need are passed over.
final class ConsensusConfig {
  /// Largest configuration read. The longest known has some 10,000 bytes.
  static final int MAX_BYTES = 1 << 20;

  private static final String BLOB_EPOCH = "EPOCH";
  private static final String MAX_BLOBS = "MAX_BLOBS_PER_BLOCK";
  private static final String BLOB_SCHEDULE = "BLOB_SCHEDULE";
  private static final int MAX_BLOB_LIMITS = 256;
  private static final int MAX_SYNC_COMMITTEE_SIZE = 8192;

  private final Map<String, String> settings = new HashMap<>();
  private final List<BlobLimit> blobs = new ArrayList<>();

  private ConsensusConfig() {}

  static Optional<ConsensusNetwork> builtIn(String name) {
    if (!name.matches("[a-z]+")) {
      return Optional.empty();
    }
    try (InputStream in = ConsensusConfig.class.getResourceAsStream(name + ".yaml")) {
      return in == null ? Optional.empty() : Optional.of(read(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ConsensusNetwork read(byte[] text) {
    if (text.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "configuration of " + text.length + " bytes, at most " + MAX_BYTES);
    }
    ConsensusConfig config = new ConsensusConfig();
    String content = new String(text, StandardCharsets.UTF_8);
    if (content.stripLeading().startsWith("{")) {
      config.readJson(text);
    } else {
      content.lines().forEach(config::readLine);
    }
    return config.network();
  }

  private void readLine(String line) {
    int comment = line.indexOf('#');
    String stripped = (comment < 0 ? line : line.substring(0, comment)).strip();
    if (stripped.startsWith("- ")) {
      stripped = stripped.substring(2);
    }
    int colon = stripped.indexOf(':');
    if (colon < 0) {
      return;
    }
    String value = stripped.substring(colon + 1).strip();
    if (value.length() >= 2 && (value.startsWith("'") || value.startsWith("\""))) {
      value = value.substring(1, value.length() - 1);
    }
    put(line.startsWith(stripped.substring(0, colon)), stripped.substring(0, colon), value);
  }

  /// Objects and lists are flattened: only the list of blob limits is looked into.
  private void readJson(byte[] text) {
    try (JsonParser in = new JsonFactory().createParser(text)) {
      boolean schedule = false;
      int depth = 0;
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        if (token.isStructStart()) {
          depth++;
          schedule |= BLOB_SCHEDULE.equals(in.currentName());
        } else if (token.isStructEnd()) {
          depth--;
          schedule &= !BLOB_SCHEDULE.equals(in.currentName());
        } else if (token.isScalarValue() && in.currentName() != null) {
          if (schedule || depth <= 2) {
            put(!schedule, in.currentName(), in.getText());
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("configuration is no JSON: " + e.getMessage(), e);
    }
  }

  private void put(boolean top, String key, String value) {
    if (top) {
      settings.put(key, value);
    } else if (key.equals(BLOB_EPOCH)) {
      settings.put(BLOB_SCHEDULE, value);
    } else if (key.equals(MAX_BLOBS) && settings.containsKey(BLOB_SCHEDULE)) {
      if (blobs.size() == MAX_BLOB_LIMITS) {
        throw new IllegalArgumentException("more than " + MAX_BLOB_LIMITS + " blob limits");
      }
      blobs.add(
          new BlobLimit(number(BLOB_SCHEDULE, settings.get(BLOB_SCHEDULE)), number(key, value)));
    }
  }

  private ConsensusNetwork network() {
    String preset = text("PRESET_BASE");
    if (!preset.equals("mainnet") && !preset.equals("minimal")) {
      throw new IllegalArgumentException("PRESET_BASE is " + preset + ", not mainnet or minimal");
    }
    boolean minimal = preset.equals("minimal");
    long slotMillis =
        settings.containsKey("SLOT_DURATION_MS")
            ? number("SLOT_DURATION_MS")
            : 1000 * number("SECONDS_PER_SLOT");
    long committee = numberOr("SYNC_COMMITTEE_SIZE", minimal ? 32 : 512);
    long slots = numberOr("SLOTS_PER_EPOCH", minimal ? 8 : 32);
    long epochs = numberOr("EPOCHS_PER_SYNC_COMMITTEE_PERIOD", minimal ? 8 : 256);
    between("SLOT_DURATION_MS", slotMillis, 1, 1 << 24);
    between("SYNC_COMMITTEE_SIZE", committee, 8, MAX_SYNC_COMMITTEE_SIZE);
    between("SLOTS_PER_EPOCH", slots, 1, 1 << 16);
    between("EPOCHS_PER_SYNC_COMMITTEE_PERIOD", epochs, 1, 1 << 16);
    if (committee % Byte.SIZE != 0) {
      throw new IllegalArgumentException("SYNC_COMMITTEE_SIZE is no multiple of 8");
    }
    long genesisTime = number("GENESIS_TIME");
    between("GENESIS_TIME", genesisTime, 0, 1L << 40);
    List<BlobLimit> ordered =
        blobs.stream().sorted((a, b) -> Long.compareUnsigned(a.epoch(), b.epoch())).toList();
    return new ConsensusNetwork(
        settings.getOrDefault("CONFIG_NAME", "private"),
        genesisTime,
        hash("GENESIS_VALIDATORS_ROOT"),
        slotMillis,
        (int) slots,
        (int) epochs,
        (int) committee,
        activations(),
        ordered,
        numberOr("MAX_BLOBS_PER_BLOCK_ELECTRA", 9));
  }

  /// Forks with an epoch of all ones are not scheduled.
  private List<Activation> activations() {
    List<Activation> forks = new ArrayList<>();
    forks.add(new Activation(ConsensusFork.PHASE0, version("GENESIS_FORK_VERSION"), 0));
    for (ConsensusFork fork : ConsensusFork.values()) {
      String epochKey = fork.name() + "_FORK_EPOCH";
      if (fork != ConsensusFork.PHASE0 && settings.containsKey(epochKey)) {
        long epoch = number(epochKey);
        if (epoch == -1) {
          continue;
        }
        if (Long.compareUnsigned(epoch, forks.getLast().epoch()) < 0) {
          throw new IllegalArgumentException(epochKey + " is before the fork before it");
        }
        forks.add(new Activation(fork, version(fork.name() + "_FORK_VERSION"), epoch));
      }
    }
    return forks;
  }

  private String text(String key) {
    String value = settings.get(key);
    if (value == null) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return value;
  }

  private long number(String key) {
    return number(key, text(key));
  }

  private long numberOr(String key, long otherwise) {
    return settings.containsKey(key) ? number(key) : otherwise;
  }

  private static long number(String key, String value) {
    try {
      return Long.parseUnsignedLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + " is " + value + ", no number", e);
    }
  }

  private static void between(String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          key + " is " + Long.toUnsignedString(value) + ", not in " + least + " to " + most);
    }
  }

  private int version(String key) {
    String value = text(key);
    if (!value.matches("0x[0-9a-fA-F]{8}")) {
      throw new IllegalArgumentException(key + " is " + value + ", no four bytes");
    }
    return Integer.parseUnsignedInt(value.substring(2), 16);
  }

  private Hash32 hash(String key) {
    String value = text(key);
    if (!value.matches("0x[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException(key + " is " + value + ", no 32 bytes");
    }
    return Hash32.of(value);
  }
}
