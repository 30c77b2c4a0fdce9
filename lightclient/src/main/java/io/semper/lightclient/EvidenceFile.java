package io.semper.lightclient;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hex;
import io.semper.core.types.Header;
import io.semper.lightclient.upstream.Evidence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// What was proven wrong, kept for whoever is to judge it: a line of JSON for each lie and for two
/// sealed blocks of one number. When the file is full it takes the place of the one before it, so
/// that the newest stay. Safe for use by several threads.
final class EvidenceFile {
  /// Of each of the two files; one line has no more than a quarter of it.
  static final int MAX_BYTES = 2 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Path full;

  /// Something that writes to the file.
  @FunctionalInterface
  interface Addition {
    void addTo(EvidenceFile file) throws IOException;
  }

  private EvidenceFile(Path file, Path full) {
    this.file = file;
    this.full = full;
  }

  /// Beside a store.
  static EvidenceFile beside(Path store) {
    String name = store.getFileName().toString();
    return new EvidenceFile(
        store.resolveSibling(name + ".evidence"), store.resolveSibling(name + ".evidence.old"));
  }

  void add(Evidence lie) throws IOException {
    ObjectNode line = line(lie.timeMillis(), "lie", lie.upstream());
    line.put("problem", lie.problem());
    line.put("request", new String(lie.request(), StandardCharsets.UTF_8));
    line.put("reply", Hex.encode(lie.reply()));
    append(line);
  }

  /// Headers as RLP, seals and all.
  void add(Alert.Diverged alert, long timeMillis) throws IOException {
    ObjectNode line = line(timeMillis, "diverged", alert.upstream());
    line.put("trustedNumber", alert.trusted().number());
    line.put("trustedHash", alert.trusted().hash().toString());
    line.put("ours", encoded(alert.ours()));
    line.put("theirs", encoded(alert.theirs()));
    append(line);
  }

  private static ObjectNode line(long timeMillis, String kind, String upstream) {
    return JSON.createObjectNode()
        .put("timeMillis", timeMillis)
        .put("kind", kind)
        .put("upstream", upstream);
  }

  private static String encoded(Header header) {
    return Hex.encode(header.encode());
  }

  private synchronized void append(ObjectNode line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    if (Files.exists(file) && Files.size(file) + bytes.length > MAX_BYTES) {
      Files.move(file, full, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
