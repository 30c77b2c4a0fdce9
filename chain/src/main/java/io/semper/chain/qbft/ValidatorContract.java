package io.semper.chain.qbft;

import io.semper.chain.block.BlockExecution;
import io.semper.chain.qbft.Validators.InvalidValidatorsException;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.view.ChainView;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.tx.Transition;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.List;

/// Asks a contract for the validators: `getValidators() returns (address[])`.
final class ValidatorContract {
  private static final byte[] GET_VALIDATORS = Hex.decode("0xb7ab4db5");
  private static final int WORD = 32;

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
            GET_VALIDATORS);
    if (!result.success()) {
      throw invalid(parent, contract, "failed: " + result.halt().text());
    }
    List<Address> named = decode(result.output());
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

  /// `null` where the bytes are no such list.
  private static List<Address> decode(byte[] output) {
    if (output.length < 2 * WORD || !word(output, 0).equals(UInt256.of(WORD))) {
      return null;
    }
    UInt256 count = word(output, WORD);
    if (!count.fitsLong()
        || count.limb0() < 1
        || count.limb0() > QbftExtraData.MAX_VALIDATORS
        || output.length < (2 + count.limb0()) * WORD) {
      return null;
    }
    List<Address> named = new ArrayList<>();
    for (int i = 0; i < count.limb0(); i++) {
      int at = (2 + i) * WORD;
      for (int k = 0; k < WORD - Address.BYTES; k++) {
        if (output[at + k] != 0) return null;
      }
      named.add(Address.of(output, at + WORD - Address.BYTES));
    }
    return named;
  }

  private static UInt256 word(byte[] bytes, int at) {
    return UInt256.of(bytes, at, WORD);
  }

  private static InvalidValidatorsException invalid(Header parent, Address contract, String why) {
    return new InvalidValidatorsException(
        "validator contract " + contract + " after block " + parent.number() + " " + why);
  }
}
