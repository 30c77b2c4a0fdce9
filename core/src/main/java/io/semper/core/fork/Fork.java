package io.semper.core.fork;

/// The upgrades of Ethereum's rules in the order in which every network passes them.
///
/// Whether a fork is entered by block number, by terminal total difficulty or by time is fixed by
/// its place: up to Gray Glacier by number, Paris by the merge, from Shanghai on by time.
public enum Fork {
  FRONTIER,
  HOMESTEAD,
  DAO,
  TANGERINE_WHISTLE,
  SPURIOUS_DRAGON,
  BYZANTIUM,
  CONSTANTINOPLE,
  PETERSBURG,
  ISTANBUL,
  MUIR_GLACIER,
  BERLIN,
  LONDON,
  ARROW_GLACIER,
  GRAY_GLACIER,
  PARIS,
  SHANGHAI,
  CANCUN,
  PRAGUE,
  OSAKA,
  BPO1,
  BPO2,
  BPO3,
  BPO4,
  BPO5;

  public boolean atLeast(Fork other) {
    return compareTo(other) >= 0;
  }

  public boolean before(Fork other) {
    return compareTo(other) < 0;
  }

  /// Entered at a block number.
  public boolean byNumber() {
    return before(PARIS);
  }

  /// Entered at a timestamp.
  public boolean byTime() {
    return compareTo(PARIS) > 0;
  }
}
