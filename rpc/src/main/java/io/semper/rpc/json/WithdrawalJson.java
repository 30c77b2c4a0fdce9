package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.types.Withdrawal;
import java.io.IOException;
import java.util.List;

/// A withdrawal, in blocks and in payloads.
public record WithdrawalJson(Withdrawal withdrawal) implements JsonValue {
  /// `null` for `null`.
  public static List<WithdrawalJson> all(List<Withdrawal> withdrawals) {
    return withdrawals == null ? null : withdrawals.stream().map(WithdrawalJson::new).toList();
  }

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    Json.field(out, "index", withdrawal.index());
    Json.field(out, "validatorIndex", withdrawal.validatorIndex());
    Json.field(out, "address", withdrawal.address());
    Json.field(out, "amount", withdrawal.amountGwei());
    out.writeEndObject();
  }
}
