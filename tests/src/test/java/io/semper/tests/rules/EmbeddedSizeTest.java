package io.semper.tests.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import io.semper.evm.BlockEnv;
import io.semper.genesis.Network;
import io.semper.lightclient.LightClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;

/// What a wallet grows by that embeds the light client: our modules whole, and of BouncyCastle what
/// they reach, as a shrinker leaves it. JSON is not counted, nor logging, of which there is none.
class EmbeddedSizeTest {
  private static final int MAX_BYTES = 2 << 20;
  private static final String CASTLE = "org/bouncycastle/";

  @Test
  void theLightClientWithItsMachineIsSmall() throws Exception {
    Map<String, byte[]> ours = new HashMap<>();
    for (Class<?> each : List.of(LightClient.class, BlockEnv.class, Network.class, Hash32.class)) {
      ours.putAll(files(each));
    }
    assertThat(ours.keySet().stream().filter(name -> name.endsWith(".class")).count())
        .isGreaterThan(300);
    Map<String, byte[]> castle = files(ECPoint.class);
    Map<String, byte[]> reached = new HashMap<>();
    Deque<byte[]> open = new ArrayDeque<>();
    ours.forEach((name, content) -> {
      if (name.endsWith(".class")) {
        open.add(content);
      }
    });
    while (!open.isEmpty()) {
      for (String name : references(open.remove())) {
        byte[] content = castle.get(name + ".class");
        if (content != null && reached.put(name + ".class", content) == null) {
          open.add(content);
        }
      }
    }
    assertThat(reached).isNotEmpty();
    int own = zipped(ours);
    int foreign = zipped(reached);
    System.out.printf(
        "our modules %d bytes, of BouncyCastle %d classes with %d bytes (of %d)%n",
        own, reached.size(), foreign, zipped(castle));
    assertThat(own + foreign).isLessThanOrEqualTo(MAX_BYTES);
  }

  /// All files beside a class, in a folder or a jar.
  private static Map<String, byte[]> files(Class<?> from) throws IOException, URISyntaxException {
    URI place = from.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path path = Path.of(place);
    if (Files.isDirectory(path)) {
      return files(path);
    }
    try (FileSystem jar = FileSystems.newFileSystem(path)) {
      return files(jar.getPath("/"));
    }
  }

  private static Map<String, byte[]> files(Path root) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        String name = root.relativize(each).toString();
        if (!name.startsWith("META-INF") && !name.startsWith(".")) {
          files.put(name, Files.readAllBytes(each));
        }
      }
    }
    return files;
  }

  private static Set<String> references(byte[] type) {
    Set<String> names = new TreeSet<>();
    for (PoolEntry entry : ClassFile.of().parse(type).constantPool()) {
      if (entry instanceof ClassEntry each) {
        String name = each.asInternalName().replaceAll("^\\[+L?|;$", "");
        if (name.startsWith(CASTLE)) {
          names.add(name);
        }
      }
    }
    return names;
  }

  private static int zipped(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      List<String> names = new ArrayList<>(new TreeSet<>(files.keySet()));
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(files.get(name));
        zip.closeEntry();
      }
    }
    return bytes.size();
  }
}
