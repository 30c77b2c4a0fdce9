package io.semper.evm.fork;

import io.semper.core.fork.Fork;
import io.semper.evm.machine.GasTable;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/// The numbers and switches of one fork's execution rules: values only.
///
/// Each fork's file takes the rules of the fork before it and states what changed. Where a rule
/// changed kind, the value says which, and the one body that implements it looks.
public final class ForkRules {
  /// Most bytes of deployed code where a network has no limit of its own (EIP-170).
  public static final int MAX_CODE_BYTES = 24_576;

  private static final Map<Fork, ForkRules> BY_FORK = new EnumMap<>(Fork.class);

  static {
    ForkRules newest = Frontier.RULES;
    for (Fork fork : Fork.values()) {
      newest = defined(fork, newest);
      BY_FORK.put(fork, newest.fork == fork ? newest : after(newest, fork).done());
    }
  }

  private final Fork fork;
  private final Map<Integer, Integer> opcodeGas;
  private final GasTable gasTable;
  private final boolean keepsSixtyFourth;
  private final boolean stateClearing;
  private final boolean protectedTransactions;
  private final boolean lowS;
  private final boolean codeDepositMustBePaid;
  private final boolean statusReceipts;
  private final boolean sstoreNetMetering;
  private final boolean sstoreSentry;
  private final boolean warmAccess;
  private final boolean warmCoinbase;
  private final boolean bansEfCode;
  private final boolean delegation;
  private final SelfDestruct selfDestruct;
  private final int newestTransactionType;
  private final int createTransactionGas;
  private final int dataByteGas;
  private final int floorTokenGas;
  private final int expByteGas;
  private final int sstoreUnchangedGas;
  private final int sstoreClearRefund;
  private final int selfDestructRefund;
  private final int refundQuotient;
  private final int maxCodeBytes;
  private final int maxInitCodeBytes;
  private final int initCodeWordGas;
  private final long maxTransactionGas;
  private final int maxTransactionBlobs;
  private final int maxBlockBytes;

  private ForkRules(Builder b) {
    fork = b.fork;
    opcodeGas = Map.copyOf(b.opcodeGas);
    gasTable = new GasTable(fork, opcodeGas);
    keepsSixtyFourth = b.keepsSixtyFourth;
    stateClearing = b.stateClearing;
    protectedTransactions = b.protectedTransactions;
    lowS = b.lowS;
    codeDepositMustBePaid = b.codeDepositMustBePaid;
    statusReceipts = b.statusReceipts;
    sstoreNetMetering = b.sstoreNetMetering;
    sstoreSentry = b.sstoreSentry;
    warmAccess = b.warmAccess;
    warmCoinbase = b.warmCoinbase;
    bansEfCode = b.bansEfCode;
    delegation = b.delegation;
    selfDestruct = b.selfDestruct;
    newestTransactionType = b.newestTransactionType;
    createTransactionGas = b.createTransactionGas;
    dataByteGas = b.dataByteGas;
    floorTokenGas = b.floorTokenGas;
    expByteGas = b.expByteGas;
    sstoreUnchangedGas = b.sstoreUnchangedGas;
    sstoreClearRefund = b.sstoreClearRefund;
    selfDestructRefund = b.selfDestructRefund;
    refundQuotient = b.refundQuotient;
    maxCodeBytes = b.maxCodeBytes;
    maxInitCodeBytes = b.maxInitCodeBytes;
    initCodeWordGas = b.initCodeWordGas;
    maxTransactionGas = b.maxTransactionGas;
    maxTransactionBlobs = b.maxTransactionBlobs;
    maxBlockBytes = b.maxBlockBytes;
  }

  /// The rules of a fork.
  public static ForkRules of(Fork fork) {
    return BY_FORK.get(fork);
  }

  /// The rules of a fork on a network with its own limit of code. Forks without a limit stay
  /// without one; initialisation code may be twice as long (EIP-3860).
  public static ForkRules of(Fork fork, int maxCodeBytes) {
    ForkRules rules = of(fork);
    if (rules.maxCodeBytes == maxCodeBytes || fork.before(Fork.SPURIOUS_DRAGON)) {
      return rules;
    }
    Builder own = after(rules, fork).maxCodeBytes(maxCodeBytes);
    if (fork.atLeast(Fork.SHANGHAI)) {
      own.maxInitCodeBytes((int) Math.min(Integer.MAX_VALUE, 2L * maxCodeBytes));
    }
    return own.done();
  }

  /// The rules that a fork's file defines, or the ones before it for forks that change nothing
  /// about execution.
  private static ForkRules defined(Fork fork, ForkRules before) {
    return switch (fork) {
      case FRONTIER -> Frontier.RULES;
      case HOMESTEAD -> Homestead.RULES;
      case TANGERINE_WHISTLE -> TangerineWhistle.RULES;
      case SPURIOUS_DRAGON -> SpuriousDragon.RULES;
      case BYZANTIUM -> Byzantium.RULES;
      case CONSTANTINOPLE -> Constantinople.RULES;
      case PETERSBURG -> Petersburg.RULES;
      case ISTANBUL -> Istanbul.RULES;
      case BERLIN -> Berlin.RULES;
      case LONDON -> London.RULES;
      case SHANGHAI -> Shanghai.RULES;
      case CANCUN -> Cancun.RULES;
      case PRAGUE -> Prague.RULES;
      case OSAKA -> Osaka.RULES;
      case DAO, MUIR_GLACIER, ARROW_GLACIER, GRAY_GLACIER, PARIS, BPO1, BPO2, BPO3, BPO4, BPO5 ->
          before;
    };
  }

  public Fork fork() {
    return fork;
  }

  /// Base gas and stack bounds of every instruction.
  public GasTable gasTable() {
    return gasTable;
  }

  /// Calls keep a 64th of the gas for the caller, and accounts cost to create (EIP-150).
  public boolean keepsSixtyFourth() {
    return keepsSixtyFourth;
  }

  /// Empty accounts are removed when touched, and calls do not create them (EIP-161).
  public boolean stateClearing() {
    return stateClearing;
  }

  /// Legacy transactions may be bound to a chain (EIP-155).
  public boolean protectedTransactions() {
    return protectedTransactions;
  }

  /// Signatures with an `s` above half the group order are invalid (EIP-2).
  public boolean lowS() {
    return lowS;
  }

  /// A creation that cannot pay for its code fails (EIP-2).
  public boolean codeDepositMustBePaid() {
    return codeDepositMustBePaid;
  }

  /// Receipts carry a status instead of a state root (EIP-658).
  public boolean statusReceipts() {
    return statusReceipts;
  }

  /// SSTORE costs what changes on balance (EIP-1283, EIP-2200).
  public boolean sstoreNetMetering() {
    return sstoreNetMetering;
  }

  /// SSTORE fails on no more gas than a stipend (EIP-2200).
  public boolean sstoreSentry() {
    return sstoreSentry;
  }

  /// Second accesses are cheaper than first ones (EIP-2929).
  public boolean warmAccess() {
    return warmAccess;
  }

  /// The block's beneficiary is warm from the start (EIP-3651).
  public boolean warmCoinbase() {
    return warmCoinbase;
  }

  /// New code must not begin with 0xEF (EIP-3541).
  public boolean bansEfCode() {
    return bansEfCode;
  }

  /// Accounts can delegate to code (EIP-7702).
  public boolean delegation() {
    return delegation;
  }

  /// Whom SELFDESTRUCT removes.
  public SelfDestruct selfDestruct() {
    return selfDestruct;
  }

  /// The highest EIP-2718 type that is valid.
  public int newestTransactionType() {
    return newestTransactionType;
  }

  /// What a transaction that creates a contract costs beyond another (EIP-2).
  public int createTransactionGas() {
    return createTransactionGas;
  }

  /// Gas of a data byte that is not zero (EIP-2028).
  public int dataByteGas() {
    return dataByteGas;
  }

  /// Gas of a data token in the floor price, 0 for no floor (EIP-7623).
  public int floorTokenGas() {
    return floorTokenGas;
  }

  /// Gas of each byte of an exponent (EIP-160).
  public int expByteGas() {
    return expByteGas;
  }

  /// Gas of an SSTORE that changes nothing on balance.
  public int sstoreUnchangedGas() {
    return sstoreUnchangedGas;
  }

  /// Refund for clearing a slot (EIP-3529).
  public int sstoreClearRefund() {
    return sstoreClearRefund;
  }

  /// Refund for a SELFDESTRUCT (EIP-3529).
  public int selfDestructRefund() {
    return selfDestructRefund;
  }

  /// At most the used gas divided by this is refunded (EIP-3529).
  public int refundQuotient() {
    return refundQuotient;
  }

  /// Most bytes of deployed code (EIP-170).
  public int maxCodeBytes() {
    return maxCodeBytes;
  }

  /// Most bytes of initialisation code (EIP-3860).
  public int maxInitCodeBytes() {
    return maxInitCodeBytes;
  }

  /// Gas of each word of initialisation code (EIP-3860).
  public int initCodeWordGas() {
    return initCodeWordGas;
  }

  /// Most gas a transaction may ask for (EIP-7825).
  public long maxTransactionGas() {
    return maxTransactionGas;
  }

  /// Most blobs a transaction may bring (EIP-7594).
  public int maxTransactionBlobs() {
    return maxTransactionBlobs;
  }

  /// Most bytes of an encoded block (EIP-7934).
  public int maxBlockBytes() {
    return maxBlockBytes;
  }

  static Builder first(Fork fork) {
    return new Builder(fork);
  }

  static Builder after(ForkRules before, Fork fork) {
    Builder b = new Builder(fork);
    b.opcodeGas.putAll(before.opcodeGas);
    b.keepsSixtyFourth = before.keepsSixtyFourth;
    b.stateClearing = before.stateClearing;
    b.protectedTransactions = before.protectedTransactions;
    b.lowS = before.lowS;
    b.codeDepositMustBePaid = before.codeDepositMustBePaid;
    b.statusReceipts = before.statusReceipts;
    b.sstoreNetMetering = before.sstoreNetMetering;
    b.sstoreSentry = before.sstoreSentry;
    b.warmAccess = before.warmAccess;
    b.warmCoinbase = before.warmCoinbase;
    b.bansEfCode = before.bansEfCode;
    b.delegation = before.delegation;
    b.selfDestruct = before.selfDestruct;
    b.newestTransactionType = before.newestTransactionType;
    b.createTransactionGas = before.createTransactionGas;
    b.dataByteGas = before.dataByteGas;
    b.floorTokenGas = before.floorTokenGas;
    b.expByteGas = before.expByteGas;
    b.sstoreUnchangedGas = before.sstoreUnchangedGas;
    b.sstoreClearRefund = before.sstoreClearRefund;
    b.selfDestructRefund = before.selfDestructRefund;
    b.refundQuotient = before.refundQuotient;
    b.maxCodeBytes = before.maxCodeBytes;
    b.maxInitCodeBytes = before.maxInitCodeBytes;
    b.initCodeWordGas = before.initCodeWordGas;
    b.maxTransactionGas = before.maxTransactionGas;
    b.maxTransactionBlobs = before.maxTransactionBlobs;
    b.maxBlockBytes = before.maxBlockBytes;
    return b;
  }

  static final class Builder {
    private final Fork fork;
    private final Map<Integer, Integer> opcodeGas = new HashMap<>();
    private boolean keepsSixtyFourth;
    private boolean stateClearing;
    private boolean protectedTransactions;
    private boolean lowS;
    private boolean codeDepositMustBePaid;
    private boolean statusReceipts;
    private boolean sstoreNetMetering;
    private boolean sstoreSentry;
    private boolean warmAccess;
    private boolean warmCoinbase;
    private boolean bansEfCode;
    private boolean delegation;
    private SelfDestruct selfDestruct = SelfDestruct.ALWAYS;
    private int newestTransactionType;
    private int createTransactionGas;
    private int dataByteGas = 68;
    private int floorTokenGas;
    private int expByteGas = 10;
    private int sstoreUnchangedGas;
    private int sstoreClearRefund = 15_000;
    private int selfDestructRefund = 24_000;
    private int refundQuotient = 2;
    private int maxCodeBytes = Integer.MAX_VALUE;
    private int maxInitCodeBytes = Integer.MAX_VALUE;
    private int initCodeWordGas;
    private long maxTransactionGas = Long.MAX_VALUE;
    private int maxTransactionBlobs = Integer.MAX_VALUE;
    private int maxBlockBytes = Integer.MAX_VALUE;

    private Builder(Fork fork) {
      this.fork = fork;
    }

    /// Reprices an instruction.
    Builder gas(int opcode, int gas) {
      opcodeGas.put(opcode, gas);
      return this;
    }

    Builder keepsSixtyFourth(boolean value) {
      keepsSixtyFourth = value;
      return this;
    }

    Builder stateClearing(boolean value) {
      stateClearing = value;
      return this;
    }

    Builder protectedTransactions(boolean value) {
      protectedTransactions = value;
      return this;
    }

    Builder lowS(boolean value) {
      lowS = value;
      return this;
    }

    Builder codeDepositMustBePaid(boolean value) {
      codeDepositMustBePaid = value;
      return this;
    }

    Builder statusReceipts(boolean value) {
      statusReceipts = value;
      return this;
    }

    Builder sstoreNetMetering(boolean value) {
      sstoreNetMetering = value;
      return this;
    }

    Builder sstoreSentry(boolean value) {
      sstoreSentry = value;
      return this;
    }

    Builder warmAccess(boolean value) {
      warmAccess = value;
      return this;
    }

    Builder warmCoinbase(boolean value) {
      warmCoinbase = value;
      return this;
    }

    Builder bansEfCode(boolean value) {
      bansEfCode = value;
      return this;
    }

    Builder delegation(boolean value) {
      delegation = value;
      return this;
    }

    Builder selfDestruct(SelfDestruct value) {
      selfDestruct = value;
      return this;
    }

    Builder newestTransactionType(int value) {
      newestTransactionType = value;
      return this;
    }

    Builder createTransactionGas(int value) {
      createTransactionGas = value;
      return this;
    }

    Builder dataByteGas(int value) {
      dataByteGas = value;
      return this;
    }

    Builder floorTokenGas(int value) {
      floorTokenGas = value;
      return this;
    }

    Builder expByteGas(int value) {
      expByteGas = value;
      return this;
    }

    Builder sstoreUnchangedGas(int value) {
      sstoreUnchangedGas = value;
      return this;
    }

    Builder sstoreClearRefund(int value) {
      sstoreClearRefund = value;
      return this;
    }

    Builder selfDestructRefund(int value) {
      selfDestructRefund = value;
      return this;
    }

    Builder refundQuotient(int value) {
      refundQuotient = value;
      return this;
    }

    Builder maxCodeBytes(int value) {
      maxCodeBytes = value;
      return this;
    }

    Builder maxInitCodeBytes(int value) {
      maxInitCodeBytes = value;
      return this;
    }

    Builder initCodeWordGas(int value) {
      initCodeWordGas = value;
      return this;
    }

    Builder maxTransactionGas(long value) {
      maxTransactionGas = value;
      return this;
    }

    Builder maxTransactionBlobs(int value) {
      maxTransactionBlobs = value;
      return this;
    }

    Builder maxBlockBytes(int value) {
      maxBlockBytes = value;
      return this;
    }

    ForkRules done() {
      return new ForkRules(this);
    }
  }
}
