package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.UInt256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The answer of `eth_feeHistory`, filled block by block, oldest first.
public final class FeeHistoryJson implements JsonValue {
  private final long oldestBlock;
  private final List<UInt256> baseFees = new ArrayList<>();
  private final List<Double> gasUsedRatios = new ArrayList<>();
  private final List<UInt256> blobBaseFees = new ArrayList<>();
  private final List<Double> blobGasUsedRatios = new ArrayList<>();
  private final List<List<UInt256>> rewards = new ArrayList<>();
  private UInt256 nextBaseFee;
  private UInt256 nextBlobBaseFee;

  public FeeHistoryJson(long oldestBlock) {
    this.oldestBlock = oldestBlock;
  }

  public void add(UInt256 baseFee, double gasUsedRatio, UInt256 blobBaseFee, double blobRatio) {
    baseFees.add(baseFee);
    gasUsedRatios.add(gasUsedRatio);
    blobBaseFees.add(blobBaseFee);
    blobGasUsedRatios.add(blobRatio);
  }

  /// What the block after the last one added has to pay.
  public void next(UInt256 baseFee, UInt256 blobBaseFee) {
    nextBaseFee = baseFee;
    nextBlobBaseFee = blobBaseFee;
  }

  /// Tips of the block last added, one a percentile.
  public void reward(List<UInt256> tips) {
    rewards.add(tips);
  }

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    Json.field(out, "oldestBlock", oldestBlock);
    if (baseFees.isEmpty()) {
      Json.field(out, "gasUsedRatio", null);
    } else {
      if (!rewards.isEmpty()) {
        Json.field(out, "reward", rewards);
      }
      Json.field(out, "baseFeePerGas", and(baseFees, nextBaseFee));
      Json.field(out, "gasUsedRatio", gasUsedRatios);
      Json.field(out, "baseFeePerBlobGas", and(blobBaseFees, nextBlobBaseFee));
      Json.field(out, "blobGasUsedRatio", blobGasUsedRatios);
    }
    out.writeEndObject();
  }

  private static List<UInt256> and(List<UInt256> values, UInt256 last) {
    List<UInt256> all = new ArrayList<>(values);
    all.add(last);
    return all;
  }
}
