package io.semper.node.qbft;

import io.semper.chain.qbft.QbftEngine;
import io.semper.core.bytes.Address;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a validator wants of the others, and how it sees the network.
public final class QbftVoting {
  private final QbftEngine engine;

  public QbftVoting(QbftEngine engine) {
    this.engine = engine;
  }

  /// Votes to add a validator or to drop one, in the blocks this one proposes.
  @Rpc("qbft_proposeValidatorVote")
  boolean proposeVote(Address validator, boolean add) {
    try {
      engine.proposeVote(validator, add);
      return true;
    } catch (IllegalStateException tooMany) {
      throw RpcException.server(tooMany.getMessage());
    }
  }

  @Rpc("qbft_discardValidatorVote")
  boolean discardVote(Address validator) {
    engine.discardVote(validator);
    return true;
  }

  /// Whether to add, by validator.
  @Rpc("qbft_getPendingVotes")
  Map<Address, Boolean> pendingVotes() {
    return engine.pendingVotes();
  }

  /// Ends standby: this process signs from the next height on, at this one already where forced.
  @Rpc("qbft_takeOver")
  boolean takeOver(@Omittable boolean force) {
    engine.takeOver(force);
    return true;
  }

  /// Where agreement on the next block stands, who is missing, and why there is none.
  @Rpc("qbft_getStatus")
  Map<String, Object> status() {
    QbftEngine.Status status =
        engine.status().orElseThrow(() -> RpcException.server("consensus has not begun"));
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("height", status.height());
    shown.put("round", (long) status.round());
    shown.put("signing", status.signing());
    shown.put("self", status.self());
    shown.put("proposer", status.proposer());
    shown.put("validators", status.validators());
    shown.put("missing", status.missing());
    shown.put("quorum", (long) status.quorum());
    shown.put("headAgeSeconds", status.headMillis() / 1000.0);
    shown.put("problem", engine.problem().orElse(null));
    return shown;
  }
}
