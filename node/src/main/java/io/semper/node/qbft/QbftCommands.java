package io.semper.node.qbft;

import io.semper.chain.qbft.QbftEngine;
import io.semper.core.bytes.Address;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// What a validator's operator tells it: whom it votes for, and that it signs from now on. Not for
/// strangers.
public final class QbftCommands {
  private final QbftEngine engine;

  public QbftCommands(QbftEngine engine) {
    this.engine = engine;
  }

  /// Whether they are served: only this machine asks, or the operator has named them.
  ///
  /// @param host where JSON-RPC listens
  public static boolean allowedBy(MethodPolicy policy, String host) {
    try {
      return policy.permits("qbft_takeOver")
          && (!policy.allow().isEmpty() || InetAddress.getByName(host).isLoopbackAddress());
    } catch (UnknownHostException nowhere) {
      return false;
    }
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

  /// Ends standby: this process signs from the next height on, at this one already where forced.
  @Rpc("qbft_takeOver")
  boolean takeOver(@Omittable boolean force) {
    engine.takeOver(force);
    return true;
  }
}
