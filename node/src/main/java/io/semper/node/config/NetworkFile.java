package io.semper.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.rlp.MalformedInputException;
import io.semper.genesis.Genesis;
import io.semper.p2p.identity.Multiaddr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/// `network.json`: all that another node needs to join a network.
///
/// ```json
/// {"genesis": {"config": {}, "alloc": {}}, "bootnodes": ["/ip4/10.0.0.7/tcp/9000/p2p/16Uiu2H..."]}
/// ```
///
/// @param genesis a genesis file
/// @param bootnodes addresses of nodes to begin with
public record NetworkFile(byte[] genesis, List<Multiaddr> bootnodes) {
  private static final int MAX_BOOTNODES = 256;
  private static final ObjectMapper JSON = new ObjectMapper();

  /// @throws IOException where it cannot be read, naming what is wrong
  public static NetworkFile read(Path file) throws IOException {
    JsonNode content = parse(file);
    if (!content.path("genesis").isObject()) {
      throw new IOException(file + ": genesis: expected an object");
    }
    List<Multiaddr> bootnodes = new ArrayList<>();
    for (JsonNode address : content.path("bootnodes")) {
      if (bootnodes.size() == MAX_BOOTNODES) {
        throw new IOException(file + ": bootnodes: expected at most " + MAX_BOOTNODES);
      }
      try {
        bootnodes.add(Multiaddr.parse(address.asText()));
      } catch (MalformedInputException e) {
        throw new IOException(file + ": bootnodes: " + e.getMessage(), e);
      }
    }
    return new NetworkFile(JSON.writeValueAsBytes(content.get("genesis")), bootnodes);
  }

  private static JsonNode parse(Path file) throws IOException {
    if (Files.size(file) > Genesis.MAX_BYTES) {
      throw new IOException(file + ": expected at most " + Genesis.MAX_BYTES + " bytes");
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new IOException(file + ": expected JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// Writes the file whole or not at all.
  public void write(Path file) throws IOException {
    ObjectNode content = JSON.createObjectNode();
    content.set("genesis", JSON.readTree(genesis));
    bootnodes.stream().map(Multiaddr::toString).forEach(content.putArray("bootnodes")::add);
    Path whole = file.resolveSibling(file.getFileName() + ".new");
    Files.write(whole, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
