package io.semper.rpc.eth;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.view.ChainView;
import io.semper.rpc.CallContext;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.FeeHistoryJson;
import io.semper.rpc.param.BlockNumber;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.Count;
import io.semper.rpc.param.Percentiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What gas costs, did cost, and should be offered.
final class EthFees {
  /// As in go-ethereum; a longer request is cut.
  private static final int MAX_BLOCKS = 1024;

  private final ChainView chain;
  private final Blocks blocks;
  private final Fees fees;
  private final GasOracle oracle;

  EthFees(ChainView chain, Blocks blocks, GasOracle oracle, Fees fees) {
    this.chain = chain;
    this.blocks = blocks;
    this.oracle = oracle;
    this.fees = fees;
  }

  @Rpc("eth_gasPrice")
  UInt256 gasPrice() {
    UInt256 baseFee = chain.head().baseFeePerGas();
    return baseFee == null ? oracle.tip() : oracle.tip().plus(baseFee);
  }

  @Rpc("eth_maxPriorityFeePerGas")
  UInt256 maxPriorityFeePerGas() {
    return oracle.tip();
  }

  /// Of the next block.
  @Rpc("eth_baseFee")
  UInt256 baseFee() {
    return fees.nextBaseFee(chain.head());
  }

  @Rpc("eth_blobBaseFee")
  UInt256 blobBaseFee() {
    return fees.blobBaseFee(chain.head());
  }

  @Rpc("eth_feeHistory")
  FeeHistoryJson feeHistory(
      Count blockCount,
      BlockNumber newest,
      @Omittable Percentiles percentiles,
      CallContext context) {
    Blocks.Found last = newest(newest);
    long number = last.header().number();
    long count = Math.min(Math.min(blockCount.value(), MAX_BLOCKS), number + 1);
    double[] wanted = percentiles == null ? new double[0] : percentiles.values();
    FeeHistoryJson history = new FeeHistoryJson(count == 0 ? 0 : number + 1 - count);
    for (long n = number + 1 - count; n <= number; n++) {
      context.checkDeadline();
      add(n == number ? last : canonical(n), wanted, history);
    }
    return history;
  }

  private Blocks.Found newest(BlockNumber newest) {
    return blocks
        .find(newest.ref())
        .orElseThrow(() ->
            RpcException.server(
                "request beyond head block: requested "
                    + (newest.ref() instanceof BlockRef.Number n ? n.number() : newest.ref())
                    + ", head "
                    + chain.head().number()));
  }

  private Blocks.Found canonical(long number) {
    Header header =
        chain.headerToSearch(number).orElseThrow(() -> RpcException.server("header not found"));
    return new Blocks.Found(header, null);
  }

  private void add(Blocks.Found at, double[] percentiles, FeeHistoryJson history) {
    Header header = at.header();
    long maxBlobGas = header.blobGasUsed() == null ? 0 : fees.maxBlobGas(header);
    history.add(
        header.baseFeePerGas() == null ? UInt256.ZERO : header.baseFeePerGas(),
        (double) header.gasUsed() / header.gasLimit(),
        fees.blobBaseFee(header),
        maxBlobGas == 0 ? 0 : (double) header.blobGasUsed() / maxBlobGas);
    history.next(fees.nextBaseFee(header), fees.nextBlobBaseFee(header));
    if (percentiles.length > 0) {
      history.reward(rewards(blocks.block(at), blocks.receipts(at), percentiles));
    }
  }

  /// Tips at the given percentiles of the block's gas, cheapest gas first.
  private static List<UInt256> rewards(Block block, List<Receipt> receipts, double[] percentiles) {
    record Paid(UInt256 tip, long gas) {}
    List<Paid> paid = new ArrayList<>();
    long gasBefore = 0;
    for (int i = 0; i < receipts.size(); i++) {
      long gas = receipts.get(i).cumulativeGasUsed();
      UInt256 baseFee = block.header().baseFeePerGas();
      paid.add(new Paid(GasOracle.tip(block.transactions().get(i), baseFee), gas - gasBefore));
      gasBefore = gas;
    }
    paid.sort(Comparator.comparing(Paid::tip));
    List<UInt256> rewards = new ArrayList<>();
    int at = 0;
    long sum = paid.isEmpty() ? 0 : paid.getFirst().gas();
    for (double percentile : percentiles) {
      long threshold = (long) (block.header().gasUsed() * percentile / 100);
      while (sum < threshold && at < paid.size() - 1) {
        sum += paid.get(++at).gas();
      }
      rewards.add(paid.isEmpty() ? UInt256.ZERO : paid.get(at).tip());
    }
    return rewards;
  }
}
