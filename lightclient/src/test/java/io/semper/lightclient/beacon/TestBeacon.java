package io.semper.lightclient.beacon;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.TestBlsKeys;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/// A beacon chain in a test's hands, with a block in every slot and all the keys: what its honest
/// nodes would serve, and what liars could make of it.
final class TestBeacon {
  final ConsensusNetwork network;
  private final long seed;
  private final Map<Long, SyncCommittee> committees = new HashMap<>();
  private final Map<Long, BigInteger[]> secrets = new HashMap<>();
  private final Map<Long, Block> blocks = new HashMap<>();

  /// @param seed another one makes other keys and blocks
  TestBeacon(ConsensusNetwork network, long seed) {
    this.network = network;
    this.seed = seed;
  }

  /// A block and the trees its parts are proven from.
  private record Block(
      BeaconBlockHeader header,
      MerkleTree state,
      MerkleTree body,
      ExecutionPayloadHeader payload) {}

  static IntPredicate all() {
    return member -> true;
  }

  static IntPredicate first(int count) {
    return member -> member < count;
  }

  SyncCommittee committee(long period) {
    return committees.computeIfAbsent(
        period,
        p -> {
          int size = network.syncCommitteeSize();
          byte[] encoded = new byte[SyncCommittee.sszBytes(size)];
          BigInteger[] keys = new BigInteger[size];
          BigInteger sum = BigInteger.ZERO;
          for (int i = 0; i <= size; i++) {
            BigInteger secret = BigInteger.valueOf(1 + i + 10_000 * (p + 1) + 10_000_000 * seed);
            if (i < size) {
              keys[i] = secret;
              sum = sum.add(secret);
            }
            byte[] key = TestBlsKeys.publicKey(i < size ? secret : sum);
            System.arraycopy(key, 0, encoded, i * key.length, key.length);
          }
          secrets.put(p, keys);
          return SyncCommittee.of(encoded);
        });
  }

  /// The slot of the block that is final in the state of the one at `slot`; 0 for none.
  long finalizedSlot(long slot) {
    long epoch = network.epochAt(slot);
    return epoch < 2 ? 0 : (epoch - 2) * network.slotsPerEpoch();
  }

  private Block block(long slot) {
    Block known = blocks.get(slot);
    if (known == null) {
      known = make(slot);
      blocks.put(slot, known);
    }
    return known;
  }

  private Block make(long slot) {
    ConsensusFork fork = network.forkAtSlot(slot);
    long period = network.periodAt(slot);
    long finalized = finalizedSlot(slot);
    MerkleTree state =
        new MerkleTree()
            .set(
                fork.finalizedRootIndex,
                finalized == 0 ? Hash32.ZERO : block(finalized).header.root())
            .set(fork.currentSyncCommitteeIndex, committee(period).root())
            .set(fork.nextSyncCommitteeIndex, committee(period + 1).root());
    ExecutionPayloadHeader payload = payload(slot, fork);
    MerkleTree body = new MerkleTree();
    if (fork.isAtLeast(ConsensusFork.GLOAS)) {
      body.set(fork.executionBlockHashIndex(), payload.blockHash());
    } else if (fork.isAtLeast(ConsensusFork.CAPELLA)) {
      Hash32[] fields = payload.fieldRoots(fork);
      int width = fork.isAtLeast(ConsensusFork.DENEB) ? 32 : 16;
      for (int i = 0; i < width; i++) {
        body.set(
            ConsensusFork.EXECUTION_PAYLOAD_INDEX * width + i,
            i < fields.length ? fields[i] : Hash32.ZERO);
      }
    }
    BeaconBlockHeader header =
        new BeaconBlockHeader(slot, seed, Hash32.of(seed, 0, 0, slot), state.root(), body.root());
    return new Block(header, state, body, payload);
  }

  private ExecutionPayloadHeader payload(long slot, ConsensusFork fork) {
    Hash32 filler = Ssz.pair(Ssz.uint64(slot), Ssz.uint64(seed));
    long blobs = fork.isAtLeast(ConsensusFork.DENEB) ? 131072 : 0;
    return new ExecutionPayloadHeader(
        filler,
        Address.of(7),
        filler,
        filler,
        new byte[ExecutionPayloadHeader.LOGS_BLOOM_BYTES],
        filler,
        slot,
        60_000_000,
        21_000,
        network.timeMillisOf(slot) / 1000,
        new byte[] {1, 2, 3},
        UInt256.of(7),
        Ssz.pair(filler, filler),
        filler,
        filler,
        blobs,
        2 * blobs);
  }

  Hash32 root(long slot) {
    return block(slot).header.root();
  }

  Hash32 executionHash(long slot) {
    return network.forkAtSlot(slot).isAtLeast(ConsensusFork.CAPELLA)
        ? block(slot).payload.blockHash()
        : Hash32.ZERO;
  }

  /// The header of a slot in the containers of a fork, its own or a later one.
  LightClientHeader header(long slot, ConsensusFork container) {
    Block block = block(slot);
    ConsensusFork fork = network.forkAtSlot(slot);
    int length = container.executionBranchLength();
    if (!fork.isAtLeast(ConsensusFork.CAPELLA)) {
      return container.isAtLeast(ConsensusFork.GLOAS)
          ? new LightClientHeader(block.header, null, Hash32.ZERO, Ssz.noBranch(length))
          : LightClientHeader.of(block.header, ExecutionPayloadHeader.EMPTY, Ssz.noBranch(length));
    }
    if (container.isAtLeast(ConsensusFork.GLOAS)) {
      Hash32[] branch = block.body.branch(fork.executionBlockHashIndex(), length);
      return new LightClientHeader(block.header, null, block.payload.blockHash(), branch);
    }
    Hash32[] branch = block.body.branch(ConsensusFork.EXECUTION_PAYLOAD_INDEX, length);
    return LightClientHeader.of(block.header, block.payload, branch);
  }

  LightClientBootstrap bootstrap(long slot) {
    ConsensusFork fork = network.forkAtSlot(slot);
    int index = fork.currentSyncCommitteeIndex;
    return new LightClientBootstrap(
        header(slot, fork),
        committee(network.periodAt(slot)),
        block(slot).state.branch(index, ConsensusFork.depth(index)));
  }

  /// What everybody signs of the block at `slot`, in the next.
  LightClientUpdate update(long slot, Kind kind) {
    return update(slot, slot + 1, kind, all());
  }

  LightClientUpdate update(long slot, long signatureSlot, Kind kind, IntPredicate signers) {
    Hash32 message = network.syncSigningRoot(root(slot), signatureSlot);
    return update(
        slot, signatureSlot, kind, sign(network.periodAt(signatureSlot), message, signers));
  }

  LightClientUpdate update(long slot, long signatureSlot, Kind kind, SyncAggregate aggregate) {
    ConsensusFork fork = network.forkAtSlot(slot);
    MerkleTree state = block(slot).state;
    boolean full = kind == Kind.FULL;
    boolean finality = kind != Kind.OPTIMISTIC;
    int committeeDepth = ConsensusFork.depth(fork.nextSyncCommitteeIndex);
    int finalityDepth = ConsensusFork.depth(fork.finalizedRootIndex);
    long finalized = finalizedSlot(slot);
    LightClientHeader none =
        fork.isAtLeast(ConsensusFork.GLOAS)
            ? new LightClientHeader(
                BeaconBlockHeader.EMPTY,
                null,
                Hash32.ZERO,
                Ssz.noBranch(fork.executionBranchLength()))
            : LightClientHeader.EMPTY;
    return new LightClientUpdate(
        header(slot, fork),
        full ? committee(network.periodAt(slot) + 1) : null,
        full
            ? state.branch(fork.nextSyncCommitteeIndex, committeeDepth)
            : Ssz.noBranch(committeeDepth),
        finality && finalized > 0 ? header(finalized, fork) : none,
        finality
            ? state.branch(fork.finalizedRootIndex, finalityDepth)
            : Ssz.noBranch(finalityDepth),
        aggregate,
        signatureSlot);
  }

  SyncAggregate sign(long period, Hash32 message, IntPredicate signers) {
    committee(period);
    byte[] bits = new byte[network.syncCommitteeSize() / 8];
    BigInteger sum = BigInteger.ZERO;
    for (int i = 0; i < network.syncCommitteeSize(); i++) {
      if (signers.test(i)) {
        bits[i / 8] |= (byte) (1 << i % 8);
        sum = sum.add(secrets.get(period)[i]);
      }
    }
    return new SyncAggregate(bits, TestBlsKeys.sign(sum, message.toBytes()));
  }
}
