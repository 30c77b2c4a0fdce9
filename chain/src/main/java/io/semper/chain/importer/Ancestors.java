package io.semper.chain.importer;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/// Hashes of a block's ancestors on its own branch, found by walking back as far as was asked.
final class Ancestors implements LongFunction<Hash32> {
  private final BlockStore blocks;
  private final long newest;
  private final List<Hash32> hashes = new ArrayList<>();

  Ancestors(BlockStore blocks, Header header) {
    this.blocks = blocks;
    newest = header.number() - 1;
    hashes.add(header.parentHash());
  }

  @Override
  public Hash32 apply(long number) {
    int back = Math.toIntExact(newest - number);
    while (hashes.size() <= back) {
      hashes.add(blocks.header(hashes.getLast()).parentHash());
    }
    return hashes.get(back);
  }
}
