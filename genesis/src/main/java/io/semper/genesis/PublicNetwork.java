package io.semper.genesis;

import io.semper.core.bytes.Hash32;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// The public networks, carried whole: schedule, genesis block and genesis state.
///
/// Each has two resources beside this class: `NAME.json`, a genesis file without accounts but with
/// the `stateRoot` they give, and `NAME.alloc`, the accounts compressed.
public enum PublicNetwork {
  MAINNET("mainnet", "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"),
  SEPOLIA("sepolia", "25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9"),
  HOLESKY("holesky", "b5f7f912443c940f21fd611f12828d75b534364ed9e95ca4e307729a4661bde4"),
  HOODI("hoodi", "bbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b");

  private final String id;
  private final Hash32 genesisHash;

  PublicNetwork(String id, String genesisHash) {
    this.id = id;
    this.genesisHash = Hash32.of(genesisHash);
  }

  /// The name as the command line spells it.
  public String id() {
    return id;
  }

  public Hash32 genesisHash() {
    return genesisHash;
  }

  public static Optional<PublicNetwork> named(String id) {
    return Arrays.stream(values()).filter(network -> network.id.equals(id)).findFirst();
  }

  public static Optional<PublicNetwork> byGenesisHash(Hash32 hash) {
    return Arrays.stream(values()).filter(n -> n.genesisHash.equals(hash)).findFirst();
  }

  /// Names of all, in the order to list them.
  public static List<String> ids() {
    return Arrays.stream(values()).map(PublicNetwork::id).toList();
  }

  /// Loads the network. Each call reads it anew.
  public Network network() {
    byte[] json = resource(id + ".json");
    Network network =
        Genesis.read(id, json, allocationResource(id + ".alloc"), Genesis.stateRoot(json));
    if (!network.genesisHash().equals(genesisHash)) {
      throw new IllegalStateException(
          id + ": genesis hash " + network.genesisHash() + ", expected " + genesisHash);
    }
    return network;
  }

  static Allocation allocationResource(String name) {
    try (InputStream in = open(name);
        GZIPInputStream unpacked = new GZIPInputStream(in)) {
      return Allocation.decode(unpacked.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] resource(String name) {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    InputStream in = PublicNetwork.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("resource " + name + " is missing from this build");
    }
    return in;
  }
}
