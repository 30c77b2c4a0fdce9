package io.semper.rpc.eth;

import io.semper.rpc.CallContext;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.SimulateRequest;
import io.semper.rpc.simulate.Branches;
import io.semper.rpc.simulate.Simulator;
import java.util.List;

/// What blocks of transactions would do.
final class EthSimulate {
  private final Blocks blocks;
  private final Branches branches;
  private final Simulator simulator;

  EthSimulate(Blocks blocks, Branches branches, Simulator simulator) {
    this.blocks = blocks;
    this.branches = branches;
    this.simulator = simulator;
  }

  @Rpc("eth_simulateV1")
  List<SimulatedBlockJson> simulateV1(
      SimulateRequest request, @Omittable BlockRef block, CallContext context) {
    Blocks.Found base = blocks.require(block);
    Branches.Branch branch =
        base.isPending() ? branches.on(base.pending().block()) : branches.on(base.header());
    return simulator.run(branch, base.header(), request, context).stream()
        .map(each -> new SimulatedBlockJson(each, request.returnFullTransactions()))
        .toList();
  }
}
