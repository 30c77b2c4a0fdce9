package io.semper.node.light;

import io.semper.core.bytes.Hash32;
import io.semper.genesis.Network;
import io.semper.node.config.RpcSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a light client is made of.
///
/// @param checkpoint a block trusted to be the network's, empty for its genesis block
/// @param store where what is verified is kept; empty for memory only
/// @param unverified methods that are passed on to an upstream, whose answer nobody checks
/// @param trustingSeconds for how long validators are trusted to guard their keys
public record LightConfig(
    Network network,
    Optional<Hash32> checkpoint,
    List<URI> upstreams,
    Optional<Path> store,
    Set<String> unverified,
    long trustingSeconds,
    RpcSettings rpc,
    String clientVersion) {}
