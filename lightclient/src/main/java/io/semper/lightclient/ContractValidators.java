package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fee.BlobGas;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.types.ValidatorList;
import io.semper.core.view.StateView;
import io.semper.core.view.UnavailableException;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.tx.Transition;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import java.util.List;

/// Asks a contract in a proven state for the validators.
final class ContractValidators {
  private ContractValidators() {}

  /// The validators of the block after `parent`, sorted.
  static List<Address> after(Network network, Header parent, StateView state, Address contract) {
    Fork fork = network.forks().at(parent.number(), parent.timestamp(), false);
    BlockEnv env =
        new BlockEnv(
            network.chainId(),
            parent.beneficiary(),
            parent.number(),
            parent.timestamp(),
            parent.gasLimit(),
            parent.difficulty(),
            parent.mixHash(),
            parent.baseFeePerGas() == null ? UInt256.ZERO : parent.baseFeePerGas(),
            parent.excessBlobGas() == null
                ? UInt256.ZERO
                : BlobGas.baseFee(parent.excessBlobGas(), network.forks().blobParams(fork)),
            number -> number == parent.number() - 1 ? parent.parentHash() : Hash32.ZERO);
    ForkRules rules = ForkRules.of(fork, network.contractSizeLimit());
    TxResult.Executed result =
        state.settled(() ->
            Transition.systemCall(
                new Journal(state), env, rules, contract, ValidatorList.callData()));
    List<Address> named = result.success() ? ValidatorList.decode(result.output()) : null;
    if (named == null || named.stream().distinct().count() != named.size()) {
      throw new UnavailableException(
          "validator contract " + contract + " names no validators after " + parent.number());
    }
    return named.stream().sorted().toList();
  }
}
