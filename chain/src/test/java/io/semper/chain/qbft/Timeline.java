package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import java.util.List;

/// What changes in a simulated network on the way: as its genesis file says it and, apart from how
/// that is read, what must hold for each block.
///
/// @param emptySeconds the network's period of empty blocks, which nothing changes
/// @param all validators there are; the last one is left out at times
record Timeline(Kind kind, long startSeconds, long emptySeconds, List<Address> all) {
  static final Address CONTRACT = Address.of(0x8888);

  private static final String PERIOD_OF_ONE = "\"blockperiodseconds\": 1";
  private static final String PERIOD_OF_TWO = "\"blockperiodseconds\": 2";
  private static final String TO_HEADERS = "\"validatorselectionmode\": \"blockheader\"";
  private static final String TO_CONTRACT =
      "\"validatorselectionmode\": \"contract\", \"validatorcontractaddress\": \""
          + CONTRACT
          + "\"";

  enum Kind {
    NOTHING,
    PERIOD_BY_TIME,
    PERIOD_BY_BLOCK,
    VALIDATORS_BY_BLOCK,
    CONTRACT_BY_BLOCK,
    CONTRACT_BY_TIME;

    boolean changesValidators() {
      return this.compareTo(VALIDATORS_BY_BLOCK) >= 0;
    }
  }

  /// The genesis file's list.
  String json() {
    return switch (kind) {
      case NOTHING -> "";
      case PERIOD_BY_TIME -> time(4, PERIOD_OF_TWO);
      case PERIOD_BY_BLOCK -> block(2, PERIOD_OF_TWO) + ", " + block(4, PERIOD_OF_ONE);
      case VALIDATORS_BY_BLOCK ->
          String.join(
              ", ",
              block(2, names(fewer())),
              time(3, PERIOD_OF_TWO),
              block(5, names(all)),
              time(8, PERIOD_OF_ONE));
      case CONTRACT_BY_BLOCK ->
          String.join(", ", block(2, TO_CONTRACT), block(3, PERIOD_OF_TWO), block(5, TO_HEADERS));
      case CONTRACT_BY_TIME ->
          String.join(", ", time(2, TO_CONTRACT), block(4, PERIOD_OF_TWO), time(6, TO_HEADERS));
    };
  }

  private static String block(long number, String change) {
    return "{\"block\": " + number + ", " + change + "}";
  }

  private String time(long seconds, String change) {
    return "{\"timestamp\": " + (startSeconds + seconds) + ", " + change + "}";
  }

  private static String names(List<Address> addresses) {
    List<String> texts = addresses.stream().map(address -> "\"" + address + "\"").toList();
    return "\"validators\": [" + String.join(", ", texts) + "]";
  }

  private List<Address> fewer() {
    return all.subList(0, all.size() - 1);
  }

  /// Seconds from the parent to a block at least.
  long period(long number, long parentTime) {
    long since = parentTime - startSeconds;
    boolean two =
        switch (kind) {
          case NOTHING -> false;
          case PERIOD_BY_TIME -> since >= 4;
          case PERIOD_BY_BLOCK -> number == 2 || number == 3;
          case VALIDATORS_BY_BLOCK -> since >= 3 && since < 8;
          case CONTRACT_BY_BLOCK -> number >= 3;
          case CONTRACT_BY_TIME -> number >= 4;
        };
    return two ? 2 : 1;
  }

  /// Whether a contract names the validators of a block.
  boolean inContract(long number, long parentTime) {
    long since = parentTime - startSeconds;
    return switch (kind) {
      case CONTRACT_BY_BLOCK -> number >= 2 && number < 5;
      case CONTRACT_BY_TIME -> since >= 2 && since < 6;
      default -> false;
    };
  }

  /// Whom the contract names in the state after a block.
  List<Address> named(long after) {
    return after % 4 == 2 ? fewer() : all;
  }

  /// Who replace the validators at a block, or `null`.
  List<Address> replaced(long number) {
    return kind != Kind.VALIDATORS_BY_BLOCK || number != 2 && number != 5
        ? null
        : number == 2 ? fewer() : all;
  }

  /// The contract: code that answers any call with a list.
  static byte[] code(List<Address> named) {
    StringBuilder list = new StringBuilder();
    list.append(String.format("%064x%064x", 32, named.size()));
    named.forEach(address -> list.append("0".repeat(24)).append(address.toString().substring(2)));
    String length = String.format("%04x", list.length() / 2);
    return Hex.decode("0x61" + length + "600e60003961" + length + "6000f3" + list);
  }
}
