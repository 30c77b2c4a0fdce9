package io.semper.chain.qbft;

import io.semper.chain.block.BlockExecution;
import io.semper.chain.qbft.Validators.InvalidValidatorsException;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.types.ValidatorList;
import io.semper.core.view.ChainView;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.tx.Transition;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import java.util.List;

/// Asks a contract for the validators: `getValidators() returns (address[])`.
final class ValidatorContract {
  private ValidatorContract() {}

  /// The validators the contract names in the state after `parent`, sorted.
  static List<Address> call(Network network, ChainView chain, Header parent, Address contract) {
    Fork fork = network.forks().at(parent.number(), parent.timestamp(), false);
    TxResult.Executed result =
        Transition.systemCall(
            new Journal(chain.stateAfter(parent)),
            BlockExecution.environment(
                network, fork, parent, number -> ancestor(chain, parent, number)),
            ForkRules.of(fork, network.contractSizeLimit()),
            contract,
            ValidatorList.callData());
    if (!result.success()) {
      throw invalid(parent, contract, "failed: " + result.halt().text());
    }
    List<Address> named = ValidatorList.decode(result.output());
    if (named == null) {
      throw invalid(parent, contract, "answers no list of 1 to " + QbftExtraData.MAX_VALIDATORS);
    }
    List<Address> sorted = Validators.sorted(named);
    if (sorted.size() != named.size()) {
      throw invalid(parent, contract, "names a validator twice");
    }
    return sorted;
  }

  private static Hash32 ancestor(ChainView chain, Header parent, long number) {
    Header at = parent;
    while (at.number() > number) {
      at = chain.header(at.parentHash()).orElseThrow();
    }
    return at.hash();
  }

  private static InvalidValidatorsException invalid(Header parent, Address contract, String why) {
    return new InvalidValidatorsException(
        "validator contract " + contract + " after block " + parent.number() + " " + why);
  }
}
