package io.semper.lightclient.beacon;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Sha256;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A beacon chain as a light client has to know it: its clock, its sync committees, its forks.
///
/// @param genesisTime seconds since 1970, of slot 0
/// @param forks in order; the first from epoch 0
/// @param blobs changes of the blob limit from Fulu on, in order: each changes the fork digest
/// @param electraMaxBlobs the limit before the first of them
public record ConsensusNetwork(
    String name,
    long genesisTime,
    Hash32 genesisValidatorsRoot,
    long slotMillis,
    int slotsPerEpoch,
    int epochsPerPeriod,
    int syncCommitteeSize,
    List<Activation> forks,
    List<BlobLimit> blobs,
    long electraMaxBlobs) {
  private static final int DOMAIN_SYNC_COMMITTEE = 0x07000000;

  /// When a fork is active, and the version that goes into signatures.
  record Activation(ConsensusFork fork, int version, long epoch) {}

  record BlobLimit(long epoch, long maxBlobs) {}

  public ConsensusNetwork {
    forks = List.copyOf(forks);
    blobs = List.copyOf(blobs);
  }

  /// One of mainnet, sepolia, holesky, hoodi.
  public static Optional<ConsensusNetwork> byName(String name) {
    return ConsensusConfig.builtIn(name);
  }

  /// Reads a network's configuration: `config.yaml` as consensus clients take it, or the reply of
  /// `/eth/v1/config/spec`, with `GENESIS_TIME` and `GENESIS_VALIDATORS_ROOT` added.
  ///
  /// @throws IllegalArgumentException naming the setting that is missing or wrong
  public static ConsensusNetwork read(byte[] config) {
    return ConsensusConfig.read(config);
  }

  long slotsPerPeriod() {
    return (long) slotsPerEpoch * epochsPerPeriod;
  }

  /// `compute_epoch_at_slot`; slots are unsigned.
  long epochAt(long slot) {
    return Long.divideUnsigned(slot, slotsPerEpoch);
  }

  /// `compute_sync_committee_period_at_slot`.
  long periodAt(long slot) {
    return Long.divideUnsigned(slot, slotsPerPeriod());
  }

  /// The slot at a time; 0 before genesis.
  long slotAt(long timeMillis) {
    return Math.max(0, (timeMillis - 1000 * genesisTime) / slotMillis);
  }

  /// When a slot begins, in milliseconds since 1970.
  long timeMillisOf(long slot) {
    return 1000 * genesisTime + slot * slotMillis;
  }

  private Activation activationAt(long epoch) {
    Activation active = forks.getFirst();
    for (Activation next : forks) {
      if (Long.compareUnsigned(next.epoch, epoch) <= 0) {
        active = next;
      }
    }
    return active;
  }

  ConsensusFork forkAtSlot(long slot) {
    return activationAt(epochAt(slot)).fork;
  }

  /// What a sync committee signs of a block at `signatureSlot`: the version is that of the slot
  /// before, when the block attested to was already there.
  Hash32 syncSigningRoot(Hash32 blockRoot, long signatureSlot) {
    long slot = Long.compareUnsigned(signatureSlot, 1) > 0 ? signatureSlot - 1 : 0;
    int version = activationAt(epochAt(slot)).version;
    byte[] domain = new byte[Hash32.BYTES];
    BigEndian.putInt(domain, 0, DOMAIN_SYNC_COMMITTEE);
    System.arraycopy(forkDataRoot(version).toBytes(), 0, domain, 4, 28);
    return Ssz.pair(blockRoot, Hash32.of(domain));
  }

  private Hash32 forkDataRoot(int version) {
    byte[] chunk = new byte[Hash32.BYTES];
    BigEndian.putInt(chunk, 0, version);
    return Ssz.pair(Hash32.of(chunk), genesisValidatorsRoot);
  }

  /// `compute_fork_digest`: names a fork, and since Fulu the blob limit in force, in four bytes.
  int digestAt(long epoch) {
    Activation active = activationAt(epoch);
    int digest = BigEndian.getInt(forkDataRoot(active.version).toBytes(), 0);
    if (!active.fork.isAtLeast(ConsensusFork.FULU)) {
      return digest;
    }
    BlobLimit limit = new BlobLimit(epochOf(ConsensusFork.ELECTRA), electraMaxBlobs);
    for (BlobLimit next : blobs) {
      if (Long.compareUnsigned(next.epoch, epoch) <= 0) {
        limit = next;
      }
    }
    byte[] both = new SszWriter().uint64(limit.epoch).uint64(limit.maxBlobs).toBytes();
    return digest ^ BigEndian.getInt(Sha256.hashBytes(both), 0);
  }

  /// The fork digest in force at a time, in milliseconds since 1970.
  public int digestAtMillis(long timeMillis) {
    return digestAt(epochAt(slotAt(timeMillis)));
  }

  private long epochOf(ConsensusFork fork) {
    for (Activation activation : forks) {
      if (activation.fork.isAtLeast(fork)) {
        return activation.epoch;
      }
    }
    return 0;
  }

  /// The fork whose containers a digest announces; none of before Altair.
  Optional<ConsensusFork> forkOfDigest(int digest) {
    for (Activation activation : forks.reversed()) {
      if (activation.fork != ConsensusFork.PHASE0 && digestAt(activation.epoch) == digest) {
        return Optional.of(activation.fork);
      }
    }
    return blobs.stream()
        .filter(limit -> digestAt(limit.epoch) == digest)
        .map(limit -> activationAt(limit.epoch).fork)
        .findFirst();
  }

  /// The fork of a name as the beacon API spells it; none of before Altair.
  static Optional<ConsensusFork> forkNamed(String name) {
    return Arrays.stream(ConsensusFork.values())
        .filter(fork -> fork != ConsensusFork.PHASE0 && fork.spelled().equals(name))
        .findFirst();
  }
}
