package io.semper.chain.importer;

import io.semper.chain.importer.BlockVerifier.Verdict;
import io.semper.chain.state.ChainState;
import io.semper.chain.state.StateDelta;
import io.semper.chain.state.StateStore;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.view.HistoryUnavailableException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// States after blocks beside the canonical chain: what each of them changes, laid over the state
/// of the canonical block its branch grew from.
///
/// Changes are kept in memory up to a bound, least recently used first out; what is missing is
/// executed again from the stored block. Safe for use by several threads.
final class SideStates {
  /// Changes kept, roughly. A branch whose changes alone exceed this is not executed beside the
  /// chain.
  private static final long MAX_BYTES = 512L << 20;

  private static final int NODE_BYTES = 700;
  private static final int ACCOUNT_BYTES = 400;
  private static final int SLOT_BYTES = 250;

  private final BlockStore blocks;
  private final StateStore states;
  private final BlockVerifier verifier;
  private final Object executing = new Object();

  // Guarded by this; least recently used first.
  private final LinkedHashMap<Hash32, Layer> layers = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  private record Layer(StateDelta delta, long bytes) {}

  SideStates(BlockStore blocks, StateStore states, BlockVerifier verifier) {
    this.blocks = blocks;
    this.states = states;
    this.verifier = verifier;
  }

  /// The state after a known block, canonical or not.
  ///
  /// @throws HistoryUnavailableException where the branch starts at a state no longer kept, or has
  ///   become too large
  ChainState after(Header header) {
    while (true) {
      List<Header> branch = new ArrayList<>();
      Header at = header;
      while (!blocks.isCanonical(at)) {
        branch.add(at);
        at = blocks.header(at.parentHash());
      }
      ChainState state = canonical(at);
      // A reorganisation in between may have put another block under the number.
      if (blocks.isCanonical(at)) {
        return plus(state, branch);
      }
    }
  }

  private ChainState canonical(Header header) {
    try {
      return states.at(header.number());
    } catch (IllegalArgumentException e) {
      throw new HistoryUnavailableException(
          "block " + header.number() + " has been removed by a reorganisation");
    }
  }

  /// @param branch newest first
  private ChainState plus(ChainState base, List<Header> branch) {
    ChainState state = base;
    long total = 0;
    for (Header header : branch.reversed()) {
      Layer layer = layer(header.hash());
      if (layer == null) {
        layer = executeOnce(header, state);
      }
      total += layer.bytes();
      if (total > MAX_BYTES) {
        throw new HistoryUnavailableException(
            "the branch of block " + header.number() + " changes too much to be held in memory");
      }
      state = state.plus(layer.delta());
    }
    return state;
  }

  /// One reader at a time, because it is costly; the importing thread and readers of other states
  /// do not wait for it.
  private Layer executeOnce(Header header, ChainState parent) {
    synchronized (executing) {
      Layer layer = layer(header.hash());
      return layer != null ? layer : put(header.hash(), executeAgain(header, parent));
    }
  }

  private synchronized Layer layer(Hash32 hash) {
    return layers.get(hash);
  }

  /// What a block that was valid before does to its parent's state.
  StateDelta executeAgain(Header header, ChainState parent) {
    Block block = blocks.block(header.hash());
    UInt256 total = blocks.entry(header.parentHash()).totalDifficulty();
    return switch (verifier.execute(block, total, parent, blocks.alteration(header))) {
      case Verdict.Valid valid -> valid.delta();
      case Verdict.Broken broken ->
          throw new IllegalStateException(
              "block "
                  + header.number()
                  + " "
                  + header.hash()
                  + " was valid and is not any more: "
                  + broken.violation());
    };
  }

  /// The changes of a block, `null` where they are not at hand.
  StateDelta delta(Hash32 hash) {
    Layer layer = layer(hash);
    return layer == null ? null : layer.delta();
  }

  void keep(Hash32 hash, StateDelta delta) {
    put(hash, delta);
  }

  synchronized void forget(Hash32 hash) {
    Layer removed = layers.remove(hash);
    if (removed != null) {
      bytes -= removed.bytes();
    }
  }

  private synchronized Layer put(Hash32 hash, StateDelta delta) {
    Layer layer = new Layer(delta, size(delta));
    forget(hash);
    layers.put(hash, layer);
    bytes += layer.bytes();
    while (bytes > MAX_BYTES && layers.size() > 1) {
      Map.Entry<Hash32, Layer> eldest = layers.firstEntry();
      forget(eldest.getKey());
    }
    return layer;
  }

  private static long size(StateDelta delta) {
    long size = (long) delta.accountNodes().size() * NODE_BYTES;
    for (StateDelta.AccountChange change : delta.accounts().values()) {
      size += ACCOUNT_BYTES;
      if (change.storage() != null) {
        size += (long) change.storage().slots().size() * SLOT_BYTES;
        size += (long) change.storage().nodes().size() * NODE_BYTES;
      }
    }
    for (byte[] code : delta.codes().values()) {
      size += code.length;
    }
    return size;
  }
}
