package io.semper.chain.block;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Which headers beside the chain a proof-of-work block may name (Yellow Paper, 11.1).
///
/// An ommer is a valid header whose parent is an ancestor of the block, but not the block's own
/// parent, at most six generations back; it is named once and is no ancestor itself.
public final class OmmerRules {
  public static final int MAX_OMMERS = 2;

  /// Generations between a block and the parent of an ommer it names.
  public static final int MAX_DEPTH = 7;

  private final HeaderRules headers;

  public OmmerRules(HeaderRules headers) {
    this.headers = headers;
  }

  /// Keccak-256 over the list of ommers, as headers carry it.
  public static Hash32 hash(List<Header> ommers) {
    if (ommers.isEmpty()) {
      return Header.NO_OMMERS;
    }
    RlpWriter out = new RlpWriter(640 * ommers.size());
    out.startList();
    for (Header ommer : ommers) {
      out.raw(ommer.encode());
    }
    return Keccak.hash(out.endList().toBytes());
  }

  /// Checks a block's ommers. Changes nothing.
  ///
  /// @param parentTotalDifficulty up to and including the block's parent
  /// @param ancestors blocks by hash, `null` for none; asked for the block's nearest seven
  /// @return the first rule broken, empty where the ommers are valid
  public Optional<Violation> verify(
      Block block, UInt256 parentTotalDifficulty, Function<Hash32, Block> ancestors) {
    Hash32 hash = hash(block.ommers());
    if (!hash.equals(block.header().ommersHash())) {
      return broken(
          Rule.OMMERS_HASH,
          "ommers hash " + block.header().ommersHash() + ", the body's ommers have " + hash);
    }
    if (block.ommers().isEmpty()) {
      return Optional.empty();
    }
    if (block.ommers().size() > MAX_OMMERS) {
      return broken(
          Rule.OMMER_COUNT, block.ommers().size() + " ommers, at most " + MAX_OMMERS + " allowed");
    }
    Map<Hash32, Header> generations = new HashMap<>();
    Set<Hash32> named = new HashSet<>();
    Hash32 at = block.header().parentHash();
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      Block ancestor = ancestors.apply(at);
      if (ancestor == null) break;
      generations.put(at, ancestor.header());
      for (Header ommer : ancestor.ommers()) {
        named.add(ommer.hash());
      }
      at = ancestor.header().parentHash();
    }
    for (Header ommer : block.ommers()) {
      Optional<Violation> broken = verifyPlace(ommer, block.header(), generations, named);
      if (broken.isPresent()) return broken;
      named.add(ommer.hash());
      Header parent = generations.get(ommer.parentHash());
      // Every ancestor of a proof-of-work block is one: the block's own total will do.
      broken = headers.verify(ommer, parent, parentTotalDifficulty);
      if (broken.isPresent()) {
        return broken(Rule.OMMER_HEADER, "ommer " + ommer.hash() + ": " + broken.get());
      }
    }
    return Optional.empty();
  }

  private static Optional<Violation> verifyPlace(
      Header ommer, Header header, Map<Hash32, Header> generations, Set<Hash32> named) {
    if (named.contains(ommer.hash())) {
      return broken(Rule.OMMER_DUPLICATE, "ommer " + ommer.hash() + " is named already");
    }
    if (generations.containsKey(ommer.hash()) || ommer.hash().equals(header.hash())) {
      return broken(Rule.OMMER_ANCESTOR, "ommer " + ommer.hash() + " is an ancestor of the block");
    }
    if (!generations.containsKey(ommer.parentHash())) {
      return broken(
          Rule.OMMER_PARENT,
          "ommer "
              + ommer.hash()
              + " of number "
              + ommer.number()
              + ": its parent "
              + ommer.parentHash()
              + " is none of the "
              + MAX_DEPTH
              + " nearest ancestors");
    }
    if (ommer.parentHash().equals(header.parentHash())) {
      return broken(
          Rule.OMMER_PARENT, "ommer " + ommer.hash() + " has the same parent as the block");
    }
    return Optional.empty();
  }

  private static Optional<Violation> broken(Rule rule, String message) {
    return Optional.of(new Violation(rule, message));
  }
}
