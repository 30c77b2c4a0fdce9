package io.semper.chain.file;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Receipt;
import java.util.List;

/// A block as a file holds it, with what the file claims beside it.
///
/// @param totalDifficulty up to and including this block; `null` where the file does not say
/// @param receipts matching the block's receipts root; `null` where the file has none
public record FileBlock(Block block, UInt256 totalDifficulty, List<Receipt> receipts) {}
