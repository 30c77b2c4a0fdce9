package io.semper.genesis;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/// Reads the settings of QBFT out of a genesis file's `config`, in Besu's dialect (`qbft`, changes
/// under `transitions.qbft`) and in GoQuorum's (`qbft`, changes in the list `transitions`).
///
/// Settings that would make other blocks than ours and are not supported are refused, not ignored.
final class QbftConfig {
  private static final long DEFAULT_EPOCH_LENGTH = 30_000;
  private static final long DEFAULT_BLOCK_PERIOD_SECONDS = 1;
  private static final long DEFAULT_REQUEST_TIMEOUT_SECONDS = 1;

  /// A century: no sum of a time and a period overflows.
  private static final long MAX_SECONDS = 100L * 366 * 86_400;

  /// Longest list of transitions; each is looked at for every block.
  private static final int MAX_TRANSITIONS = 1024;

  /// What a change that is no consensus setting of QBFT may say besides.
  private static final Set<String> REFUSED = Set.of("xblockperiodmilliseconds", "eccurve");

  private QbftConfig() {}

  /// `null` where the network's consensus is another one.
  static Qbft read(Map<String, Field> config) {
    Field field = present(config, "qbft");
    if (field == null) {
      return null;
    }
    checkCurve(config);
    Map<String, Field> members = field.membersIgnoringCase();
    Qbft.Settings none =
        new Qbft.Settings(
            DEFAULT_EPOCH_LENGTH,
            DEFAULT_BLOCK_PERIOD_SECONDS,
            0,
            DEFAULT_REQUEST_TIMEOUT_SECONDS,
            0,
            null,
            null,
            UInt256.ZERO);
    Field start = present(members, "startblock");
    if (start != null && start.longNumber() != 0) {
      throw start.expected("0, since chains that began with another consensus are not supported");
    }
    Qbft.Settings initial = change(members).apply(none);
    Field quorum = present(config, "isquorum");
    Field price = present(members, "mingasprice");
    return new Qbft(
        initial,
        transitions(config),
        quorum != null && quorum.bool(),
        price == null ? UInt256.ZERO : price.number());
  }

  private static void checkCurve(Map<String, Field> config) {
    Field curve = present(config, "eccurve");
    if (curve != null && !curve.text().equals("secp256k1")) {
      throw curve.expected("secp256k1");
    }
  }

  /// Reads what a set of members changes. Every value is checked at once, though the result is
  /// applied later.
  private static Qbft.Change change(Map<String, Field> members) {
    for (String name : REFUSED) {
      Field refused = present(members, name);
      if (refused != null) {
        throw refused.malformed("not supported");
      }
    }
    Field mode = present(members, "beneficiarymode");
    if (mode != null && !mode.text().isEmpty() && !mode.text().equals("fixed")) {
      throw mode.expected("fixed");
    }
    long epoch = seconds(members, 1, "epochlength", "epoch");
    long period = seconds(members, 1, "blockperiodseconds");
    long empty = seconds(members, 0, "emptyblockperiodseconds", "xemptyblockperiodseconds");
    long timeout = seconds(members, 1, "requesttimeoutseconds");
    long cap = seconds(members, 0, "maxrequesttimeoutseconds");
    Field contractField = present(members, "validatorcontractaddress");
    Address contract = contractField == null ? null : addressOrNull(contractField);
    Field selection = present(members, "validatorselectionmode");
    boolean toHeaders = selection != null && selection.text().equalsIgnoreCase("blockheader");
    if (selection != null && !toHeaders && !selection.text().equalsIgnoreCase("contract")) {
      throw selection.expected("blockheader or contract");
    }
    Field beneficiaryField = present(members, "miningbeneficiary");
    Address beneficiary = beneficiaryField == null ? null : addressOrNull(beneficiaryField);
    Field rewardField = present(members, "blockreward");
    UInt256 reward = rewardField == null ? null : rewardField.number();
    return before -> {
      return new Qbft.Settings(
          or(epoch, before::epochLength),
          or(period, before::blockPeriodSeconds),
          or(empty, before::emptyBlockPeriodSeconds),
          or(timeout, before::requestTimeoutSeconds),
          or(cap, before::maxRequestTimeoutSeconds),
          toHeaders ? null : contract == null ? before.validatorContract() : contract,
          beneficiaryField == null ? before.miningBeneficiary() : beneficiary,
          reward == null ? before.blockReward() : reward);
    };
  }

  private static long or(long value, LongSupplier absent) {
    return value < 0 ? absent.getAsLong() : value;
  }

  /// -1 where none of the names is present.
  private static long seconds(Map<String, Field> members, long least, String... names) {
    for (String name : names) {
      Field field = present(members, name);
      if (field != null) {
        long value = field.longNumber();
        if (value < least || value > MAX_SECONDS) {
          throw field.expected("a number from " + least + " to " + MAX_SECONDS);
        }
        return value;
      }
    }
    return -1;
  }

  /// Zero, as GoQuorum writes it, stands for none.
  private static Address addressOrNull(Field field) {
    if (field.text().isEmpty()) {
      return null;
    }
    Address address = field.address();
    return address.equals(Address.ZERO) ? null : address;
  }

  private static List<Qbft.Transition> transitions(Map<String, Field> config) {
    Field field = present(config, "transitions");
    if (field == null) {
      return List.of();
    }
    if (field.node().isObject()) {
      field = present(field.membersIgnoringCase(), "qbft");
      if (field == null) {
        return List.of();
      }
    }
    if (!field.node().isArray() || field.node().size() > MAX_TRANSITIONS) {
      throw field.expected("an array of at most " + MAX_TRANSITIONS + " transitions");
    }
    List<Qbft.Transition> transitions = new ArrayList<>();
    long[] last = {-1, -1};
    for (int i = 0; i < field.node().size(); i++) {
      Field entry = new Field(field.path() + "[" + i + "]", field.node().get(i));
      Qbft.Transition transition = transition(entry);
      int kind = transition.byTime() ? 1 : 0;
      if (transition.at() < last[kind]) {
        throw entry.malformed("expected transitions in ascending order");
      }
      last[kind] = transition.at();
      transitions.add(transition);
    }
    return transitions;
  }

  private static Qbft.Transition transition(Field entry) {
    Map<String, Field> members = entry.membersIgnoringCase();
    Field algorithm = present(members, "algorithm");
    if (algorithm != null && !algorithm.text().equalsIgnoreCase("qbft")) {
      throw algorithm.expected("qbft");
    }
    Field block = present(members, "block");
    Field time = present(members, "timestamp");
    if ((block == null) == (time == null)) {
      throw entry.malformed("expected either a block or a timestamp");
    }
    long at = block != null ? block.longNumber() : time.longNumber();
    Field validators = present(members, "validators");
    if (validators != null && block == null) {
      throw validators.malformed("validators can be replaced at a block only");
    }
    for (String name : List.of("miningbeneficiary", "blockreward")) {
      Field byBlock = present(members, name);
      if (byBlock != null && block == null) {
        throw byBlock.malformed("can be changed at a block only");
      }
    }
    return new Qbft.Transition(
        block == null, at, change(members), validators == null ? null : validators(validators));
  }

  private static List<Address> validators(Field field) {
    if (!field.node().isArray() || field.node().isEmpty()) {
      throw field.expected("an array of addresses");
    }
    TreeSet<Address> sorted = new TreeSet<>();
    for (int i = 0; i < field.node().size(); i++) {
      Field each = new Field(field.path() + "[" + i + "]", field.node().get(i));
      if (!sorted.add(each.address())) {
        throw each.malformed("validator given twice");
      }
    }
    return List.copyOf(sorted);
  }

  private static Field present(Map<String, Field> members, String name) {
    Field field = members.get(name);
    return field != null && field.present() ? field : null;
  }
}
