package io.semper.chain.importer;

import io.semper.chain.block.Alteration;
import io.semper.chain.block.BlockExecutor;
import io.semper.chain.block.BodyRules;
import io.semper.chain.block.HeaderRules;
import io.semper.chain.block.OmmerRules;
import io.semper.chain.block.Rule;
import io.semper.chain.block.SealRule;
import io.semper.chain.block.Violation;
import io.semper.chain.state.ChainState;
import io.semper.chain.state.StateDelta;
import io.semper.chain.state.StateStore;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.genesis.Network;
import java.util.List;
import java.util.Optional;

/// The verify half of importing: reads, returns a verdict, changes nothing.
final class BlockVerifier {
  private final Network network;
  private final BlockStore blocks;
  private final StateStore states;
  private final HeaderRules headers;
  private final OmmerRules ommers;

  /// What executing a block gave, or the rule it breaks.
  sealed interface Verdict {
    record Valid(List<Receipt> receipts, StateDelta delta) implements Verdict {}

    record Broken(Violation violation) implements Verdict {}
  }

  BlockVerifier(Network network, SealRule seal, BlockStore blocks, StateStore states) {
    this.network = network;
    this.blocks = blocks;
    this.states = states;
    headers = new HeaderRules(network, seal);
    ommers = new OmmerRules(headers);
  }

  HeaderRules headers() {
    return headers;
  }

  /// @param parentTotal total difficulty up to and including the parent
  Optional<Violation> verifyHeader(Header header, Header parent, UInt256 parentTotal) {
    return headers.verify(header, parent, parentTotal);
  }

  /// Whether the body is the one its header commits to. Says nothing against the header.
  Optional<Violation> verifyBody(Block block, UInt256 parentTotal) {
    Fork fork = fork(block.header(), parentTotal);
    return BodyRules.verify(block, fork, network.forks().blobParams(fork));
  }

  /// Executes a block whose header and body are verified.
  ///
  /// @param alteration of the parent's state before it
  Verdict execute(Block block, UInt256 parentTotal, ChainState parent, Alteration alteration) {
    Header header = block.header();
    Fork fork = fork(header, parentTotal);
    Optional<Violation> broken = ommers.verify(block, parentTotal, blocks::block);
    if (broken.isPresent()) {
      return new Verdict.Broken(broken.get());
    }
    BlockExecutor.Outcome outcome =
        BlockExecutor.execute(
            network,
            fork,
            block,
            parent,
            alteration,
            new Ancestors(blocks, header),
            diff -> states.compute(parent, diff).root());
    return switch (outcome) {
      case BlockExecutor.Outcome.Violated violated -> new Verdict.Broken(violated.violation());
      case BlockExecutor.Outcome.Executed executed -> {
        StateDelta delta = states.compute(parent, executed.diff());
        Hash32 root = delta.root();
        yield root.equals(header.stateRoot())
            ? new Verdict.Valid(executed.receipts(), delta)
            : new Verdict.Broken(
                new Violation(
                    Rule.STATE_ROOT,
                    "invalid merkle root (header "
                        + header.stateRoot()
                        + ", computed "
                        + root
                        + ")"));
      }
    };
  }

  private Fork fork(Header header, UInt256 parentTotal) {
    return headers.fork(header.number(), header.timestamp(), parentTotal);
  }
}
