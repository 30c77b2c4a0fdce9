package io.semper.node.config;

import io.semper.core.crypto.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A copy of a data directory's chain in a folder, with the hash of every file in `MANIFEST`: the
/// newest block in its first line, then a line with hash and path for each file.
///
/// It holds no keys and no votes. A validator restored from it does not know what it has signed
/// since, and is silent until the network is past that.
///
/// @param folder where it is
public record Backup(Path folder) {
  private static final String MANIFEST = "MANIFEST";

  /// Of the data directory: what is copied.
  private static final List<String> CONTENT = List.of("network", "genesis.json", "chain");

  /// Of the chain's folder: made anew by whoever opens it.
  private static final Set<String> LEFT_OUT = Set.of("semper.lock", "LOCK", "native");

  private static final int MAX_MANIFEST_BYTES = 64 << 20;

  private record Entry(String hash, String path) {}

  /// What a restored directory has to stand before it counts.
  public interface Check {
    void verify(DataDirectory restored) throws IOException;
  }

  /// Copies a directory that no process uses, nor can begin to use meanwhile: see
  /// [io.semper.chain.db.LevelDbStore#closeThen].
  ///
  /// @param head its newest block, in a line, for [#head]
  /// @throws IOException where the folder is not empty, or a file cannot be copied
  public void write(DataDirectory from, String head) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new IOException(folder + " is not empty");
      }
    }
    StringBuilder manifest = new StringBuilder(head).append('\n');
    for (String path : content(from.path())) {
      String hash = copy(from.path().resolve(path), folder.resolve(path));
      manifest.append(hash).append(' ').append(path).append('\n');
    }
    Path file = folder.resolve(MANIFEST);
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      out.write(StandardCharsets.UTF_8.encode(manifest.toString()));
      out.force(true);
    }
  }

  private static List<String> content(Path directory) throws IOException {
    List<String> paths = new ArrayList<>();
    for (String name : CONTENT) {
      Path top = directory.resolve(name);
      if (!Files.exists(top)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(top)) {
        files
            .filter(Files::isRegularFile)
            .filter(file -> !LEFT_OUT.contains(first(top.relativize(file))))
            .map(file -> directory.relativize(file).toString())
            .sorted()
            .forEach(paths::add);
      }
    }
    return paths;
  }

  private static String first(Path relative) {
    return relative.getName(0).toString();
  }

  /// Checks the copy and puts it into a directory that has no chain.
  ///
  /// @param check of what was copied, before it is put there
  /// @throws IOException where anything is not as it was, naming it; whatever is thrown, there is
  ///   no chain either
  public void restore(DataDirectory to, Check check) throws IOException {
    if (Files.exists(to.chain())) {
      throw new IOException(to + " has a chain already");
    }
    Path parts = to.path().resolve("restoring");
    delete(parts);
    try {
      for (Entry entry : entries()) {
        String hash = copy(folder.resolve(entry.path()), parts.resolve(entry.path()));
        if (!hash.equals(entry.hash())) {
          throw new IOException(folder.resolve(entry.path()) + " is damaged");
        }
      }
      check.verify(new DataDirectory(parts));
      // The chain comes last: without it the directory is none.
      for (String name : CONTENT) {
        if (Files.exists(parts.resolve(name)) && !Files.exists(to.path().resolve(name))) {
          Files.move(parts.resolve(name), to.path().resolve(name));
        }
      }
    } finally {
      delete(parts);
    }
  }

  /// The newest block, as it was told to [#write].
  public String head() throws IOException {
    return lines().getFirst();
  }

  private List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    List<String> lines = lines();
    for (String line : lines.subList(1, lines.size())) {
      int space = line.indexOf(' ');
      String path = line.substring(space + 1);
      Path plain = Path.of(path).normalize();
      if (space < 0 || plain.isAbsolute() || !CONTENT.contains(first(plain))) {
        throw new IOException(folder.resolve(MANIFEST) + " names " + path);
      }
      entries.add(new Entry(line.substring(0, space), path));
    }
    return entries;
  }

  private List<String> lines() throws IOException {
    Path file = folder.resolve(MANIFEST);
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (Files.size(file) > MAX_MANIFEST_BYTES) {
      throw new IOException(file + ": expected at most " + MAX_MANIFEST_BYTES + " bytes");
    }
    List<String> lines = Arrays.asList(Files.readString(file).split("\n"));
    if (lines.getFirst().isEmpty()) {
      throw new IOException(file + " is empty");
    }
    return lines;
  }

  /// Copies a file, and returns its hash.
  private static String copy(Path from, Path to) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    Files.createDirectories(to.getParent());
    try (InputStream in = Files.newInputStream(from);
        OutputStream out = new DigestOutputStream(Files.newOutputStream(to), digest)) {
      in.transferTo(out);
    }
    try (FileChannel written = FileChannel.open(to, StandardOpenOption.WRITE)) {
      written.force(true);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = new ArrayList<>(files.toList());
    }
    for (Path path : all.reversed()) {
      Files.delete(path);
    }
  }
}
