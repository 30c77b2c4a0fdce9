package io.semper.tests.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Dependencies between modules point down only, every package says what it is for, and nothing has
/// a name that says nothing.
class DependencyRulesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /// What each module's main code may import besides itself.
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.of(
          "core", Set.of(),
          "genesis", Set.of("core"),
          "evm", Set.of("core"),
          "compiler", Set.of("core", "evm"),
          "p2p", Set.of("core"),
          "rpc", Set.of("core", "evm"),
          "chain", Set.of("core", "genesis", "evm", "p2p"),
          "lightclient", Set.of("core", "genesis", "evm"),
          "node",
              Set.of("core", "genesis", "evm", "compiler", "p2p", "chain", "rpc", "lightclient"));

  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?io\\.semper\\.(\\w+)\\.", Pattern.MULTILINE);
  private static final Pattern MODULE_DEPENDENCY =
      Pattern.compile(
          "<artifactId>semper-(\\w+)</artifactId>\\s*<version>\\$\\{project.version}</version>"
              + "(\\s*<type>test-jar</type>)?");
  private static final Pattern STAR_IMPORT =
      Pattern.compile("^import (static )?[\\w.]+\\.\\*;", Pattern.MULTILINE);
  private static final Pattern BANNED_PACKAGE =
      Pattern.compile("utils?|common|helpers?|misc|etc|impl|infrastructure|manager");
  private static final Pattern BANNED_CLASS =
      Pattern.compile("(Abstract|Base(?!Fee)|Common)[A-Z].*|.*(Manager|Helper|Utils?|Impl|Base)");
  private static final Pattern DEEPEST_PACKAGE = Pattern.compile("io/semper/\\w+(/\\w+){0,2}");

  @Test
  void everyModuleIsListedHere() throws IOException {
    String parent = Files.readString(ROOT.resolve("pom.xml"));
    Matcher module = Pattern.compile("<module>(\\w+)</module>").matcher(parent);
    List<String> modules = module.results().map(m -> m.group(1)).toList();
    assertThat(modules).contains("tests").containsAll(MAY_IMPORT.keySet());
    assertThat(MAY_IMPORT.keySet())
        .containsAll(modules.stream().filter(m -> !m.equals("tests")).toList());
  }

  @Test
  void modulesDependDownwards() throws IOException {
    for (Map.Entry<String, Set<String>> module : MAY_IMPORT.entrySet()) {
      String pom = Files.readString(ROOT.resolve(module.getKey()).resolve("pom.xml"));
      Matcher dependency = MODULE_DEPENDENCY.matcher(pom);
      while (dependency.find()) {
        if (dependency.group(2) == null) {
          assertThat(module.getValue()).as(module.getKey()).contains(dependency.group(1));
        }
      }
    }
  }

  @Test
  void importsPointDownwards() {
    List<String> upwards = new ArrayList<>();
    MAY_IMPORT.forEach((module, allowed) -> {
      for (Path file : sources(module, "main")) {
        Matcher matcher = IMPORT.matcher(read(file));
        while (matcher.find()) {
          String imported = matcher.group(1);
          if (!imported.equals(module) && !allowed.contains(imported)) {
            upwards.add(ROOT.relativize(file) + " imports " + imported);
          }
        }
      }
    });
    assertThat(upwards).isEmpty();
  }

  @Test
  void importsNameWhatTheyImport() {
    List<String> stars = new ArrayList<>();
    for (Path file : allSources()) {
      if (STAR_IMPORT.matcher(read(file)).find()) {
        stars.add(ROOT.relativize(file).toString());
      }
    }
    assertThat(stars).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    List<String> silent = new ArrayList<>();
    for (String module : MAY_IMPORT.keySet()) {
      for (Path file : sources(module, "main")) {
        Path about = file.resolveSibling("package-info.java");
        if (!Files.exists(about) || !read(about).startsWith("///")) {
          silent.add(ROOT.relativize(file.getParent()).toString());
        }
      }
    }
    assertThat(silent).isEmpty();
  }

  @Test
  void packagesAreFlatAndWellNamed() {
    List<String> bad = new ArrayList<>();
    for (Path file : allSources()) {
      Path source = ROOT.relativize(file);
      Path folder = source.subpath(4, source.getNameCount() - 1);
      if (!DEEPEST_PACKAGE.matcher(folder.toString()).matches()) {
        bad.add(folder + " is too deep");
      }
      for (Path part : folder) {
        if (BANNED_PACKAGE.matcher(part.toString()).matches()) {
          bad.add(folder + " says nothing");
        }
      }
    }
    assertThat(bad).isEmpty();
  }

  @Test
  void classesAreWellNamed() {
    List<String> bad = new ArrayList<>();
    for (Path file : allSources()) {
      String name = file.getFileName().toString().replace(".java", "");
      if (BANNED_CLASS.matcher(name).matches()) {
        bad.add(ROOT.relativize(file).toString());
      }
    }
    assertThat(bad).isEmpty();
  }

  private static List<Path> allSources() {
    List<Path> all = new ArrayList<>(sources("tests", "test"));
    for (String module : MAY_IMPORT.keySet()) {
      all.addAll(sources(module, "main"));
      all.addAll(sources(module, "test"));
    }
    assertThat(all).as("sources below " + ROOT).hasSizeGreaterThan(100);
    return all;
  }

  private static List<Path> sources(String module, String kind) {
    Path folder = ROOT.resolve(module).resolve("src").resolve(kind).resolve("java");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
