package io.semper.lightclient.beacon;

import java.util.Locale;

/// Forks of the beacon chain, in order, and where in its state they keep what a light client has to
/// see: generalised indices of the finalised root and of the two sync committees. There are none of
/// the latter, and no light clients, before Altair.
enum ConsensusFork {
  PHASE0(105, 54, 55),
  ALTAIR(105, 54, 55),
  BELLATRIX(105, 54, 55),
  CAPELLA(105, 54, 55),
  DENEB(105, 54, 55),
  ELECTRA(169, 86, 87),
  FULU(169, 86, 87),
  GLOAS(735, 2945, 2946);

  /// The execution payload in a block's body, from Capella to Fulu.
  static final int EXECUTION_PAYLOAD_INDEX = 25;

  final int finalizedRootIndex;
  final int currentSyncCommitteeIndex;
  final int nextSyncCommitteeIndex;

  ConsensusFork(int finalizedRoot, int currentSyncCommittee, int nextSyncCommittee) {
    finalizedRootIndex = finalizedRoot;
    currentSyncCommitteeIndex = currentSyncCommittee;
    nextSyncCommitteeIndex = nextSyncCommittee;
  }

  boolean isAtLeast(ConsensusFork other) {
    return compareTo(other) >= 0;
  }

  /// Where the hash of the execution block stands in a block's body; a payload has it since Capella
  /// as far as a light client can tell.
  int executionBlockHashIndex() {
    return isAtLeast(GLOAS) ? 2856 : isAtLeast(DENEB) ? 812 : 412;
  }

  /// Nodes of the branch that proves the execution part of a header, in this fork's containers.
  int executionBranchLength() {
    return depth(isAtLeast(GLOAS) ? executionBlockHashIndex() : EXECUTION_PAYLOAD_INDEX);
  }

  static int depth(int index) {
    return 31 - Integer.numberOfLeadingZeros(index);
  }

  /// As the beacon API spells it.
  String spelled() {
    return name().toLowerCase(Locale.ROOT);
  }
}
