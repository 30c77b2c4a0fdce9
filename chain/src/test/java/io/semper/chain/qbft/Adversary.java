package io.semper.chain.qbft;

import io.semper.chain.qbft.QbftMessage.Certificate;
import io.semper.chain.qbft.QbftMessage.Commit;
import io.semper.chain.qbft.QbftMessage.Prepare;
import io.semper.chain.qbft.QbftMessage.Proposal;
import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// The one mind behind all Byzantine validators. It knows what any of them has received and signs
/// with their keys, never with those of others.
final class Adversary {
  /// Different proposals to different validators, and votes for both.
  static final int EQUIVOCATE = 0;

  /// Every message to some only.
  static final int SELECT = 1;

  /// No commits.
  static final int WITHHOLD = 2;

  /// Round changes with certificates that prove nothing.
  static final int FORGE = 3;

  /// Old messages of anybody, again.
  static final int REPLAY = 4;

  /// Proposals no honest validator makes.
  static final int SPOIL = 5;

  /// Prepares and commits whatever is proposed, in whatever round.
  static final int AGREE = 6;

  /// Rounds far ahead.
  static final int FLOOD = 7;

  /// Blocks with too few seals, for import.
  static final int CERTIFY = 8;

  /// Bytes that are nearly a message, and messages that no sound process makes.
  static final int ODD = 9;

  static final int KINDS = 10;

  /// Marks blocks made in others' names.
  static final int MADE_UP = 2;

  private static final int MAX_CAPTURED = 48;

  private final Simulation world;
  private final SplittableRandom random;
  private final List<QbftMessage> captured = new ArrayList<>();
  private final Map<Hash32, Proposal> seen = new LinkedHashMap<>();
  private final Map<Hash32, Map<Address, Commit>> commits = new LinkedHashMap<>();

  Adversary(Simulation world) {
    this.world = world;
    random = world.random;
  }

  private boolean does(int kind) {
    return (world.schedule.mischief() >> kind & 1) != 0;
  }

  private Node any() {
    return world.nodes.get(random.nextInt(world.nodes.size()));
  }

  /// Of all validators or a part of them.
  private void toSome(Node from, QbftMessage message) {
    boolean all = random.nextInt(3) == 0;
    for (Node to : world.nodes) {
      if (to != from && (all || random.nextBoolean())) {
        world.send(from, to, message);
      }
    }
  }

  /// A message a Byzantine validator would send if it were none.
  void broadcast(Node from, QbftMessage message) {
    if (does(WITHHOLD) && message instanceof Commit && random.nextInt(4) > 0) {
      if (random.nextBoolean()) {
        world.send(from, any(), message);
      }
      return;
    }
    QbftMessage sent = message;
    if (message instanceof Proposal p && does(EQUIVOCATE) && random.nextBoolean()) {
      equivocate(from, p);
      return;
    }
    if (message instanceof Proposal p && does(SPOIL) && random.nextInt(3) > 0) {
      sent = spoiled(from, p);
    }
    if (message instanceof RoundChange r && does(FORGE)) {
      sent = forged(from, r);
    }
    if (does(SELECT) || sent != message) {
      toSome(from, sent);
    } else {
      world.broadcast(from, sent);
    }
  }

  private void equivocate(Node from, Proposal p) {
    Block other =
        changed(p.block(), b -> b.stateRoot(Hash32.of(0, 1, from.index, random.nextInt())));
    Proposal twin =
        Proposal.sign(from.key, p.height(), p.round(), other, p.roundChanges(), p.prepares());
    seen.put(twin.digest(), twin);
    seen.put(p.digest(), p);
    for (Node to : world.nodes) {
      if (to != from) {
        world.send(from, to, random.nextBoolean() ? p : twin);
      }
    }
    for (Node accomplice : world.nodes) {
      if (accomplice.isByzantine()) {
        agree(accomplice, p);
        agree(accomplice, twin);
      }
    }
  }

  private interface Change {
    Header.Builder apply(Header.Builder builder);
  }

  private static Block changed(Block block, Change change) {
    Header header = change.apply(block.header().toBuilder()).build();
    return new Block(header, block.transactions(), block.ommers(), block.withdrawals());
  }

  private Proposal spoiled(Node from, Proposal p) {
    Header header = p.block().header();
    QbftExtraData extra = header.qbft().orElseThrow();
    Block block =
        switch (random.nextInt(7)) {
          case 0 -> changed(p.block(), b -> b.stateRoot(Hash32.of(-1, 0, 0, random.nextInt())));
          case 1 -> changed(p.block(), b -> b.timestamp(header.timestamp() + 3600));
          case 2 -> changed(p.block(), b -> b.timestamp(Long.MIN_VALUE + 5));
          case 3 -> changed(p.block(), b -> b.extraData(extra.unsealed(p.round() + 1).encode()));
          case 4 -> changed(p.block(), b -> b.beneficiary(any().address));
          case 5 ->
              changed(
                  p.block(),
                  b ->
                      b.extraData(
                          new QbftExtraData(
                                  extra.vanity(),
                                  List.of(from.address),
                                  null,
                                  extra.round(),
                                  List.of())
                              .encode()));
          default -> changed(p.block(), b -> b.parentHash(Hash32.ZERO));
        };
    return Proposal.sign(from.key, p.height(), p.round(), block, p.roundChanges(), p.prepares());
  }

  /// Claims that something was prepared: with its own signature as often as it takes, or with
  /// prepares of too few, or of another round; or denies that anything was.
  private RoundChange forged(Node from, RoundChange r) {
    List<Proposal> known = seen.values().stream().filter(p -> p.height() == r.height()).toList();
    if (known.isEmpty() || random.nextInt(3) == 0) {
      return RoundChange.sign(from.key, r.height(), r.round(), null);
    }
    Proposal p = known.get(random.nextInt(known.size()));
    int round = r.round() - 1 - random.nextInt(Math.min(r.round(), 2));
    Block block =
        changed(
            Proposals.withRound(p.block(), round),
            b -> b.stateRoot(Hash32.of(0, MADE_UP, from.index, random.nextInt())));
    Hash32 digest = block.header().sealHash();
    List<Prepare> prepares = new ArrayList<>();
    for (int i = 0; i < Quorum.size(world.schedule.validators()); i++) {
      Node signer = world.nodes.get(random.nextInt(world.schedule.byzantine()));
      prepares.add(Prepare.sign(signer.key, r.height(), round, digest));
    }
    if (random.nextInt(3) == 0) {
      for (QbftMessage message : captured) {
        if (message instanceof Prepare prepare) {
          prepares.add(prepare);
        }
      }
    }
    return RoundChange.sign(
        from.key, r.height(), r.round(), new Certificate(round, digest, block, prepares));
  }

  private void agree(Node from, Proposal p) {
    toSome(from, Prepare.sign(from.key, p.height(), p.round(), p.digest()));
    toSome(from, Commit.sign(from.key, p.height(), p.round(), p.digest()));
    commits
        .computeIfAbsent(p.digest(), d -> new LinkedHashMap<>())
        .put(from.address, Commit.sign(from.key, p.height(), p.round(), p.digest()));
  }

  /// A Byzantine validator has received a message.
  void observe(Node by, QbftMessage message) {
    if (captured.size() == MAX_CAPTURED) {
      captured.remove(random.nextInt(MAX_CAPTURED));
    }
    captured.add(message);
    if (message instanceof Proposal p) {
      if (seen.size() > MAX_CAPTURED) {
        seen.remove(seen.keySet().iterator().next());
      }
      seen.put(p.digest(), p);
      if (does(AGREE)) {
        agree(by, p);
      }
    }
    if (message instanceof Commit c && does(CERTIFY)) {
      Map<Address, Commit> all = commits.computeIfAbsent(c.digest(), d -> new LinkedHashMap<>());
      all.put(c.author(), c);
      all.put(by.address, Commit.sign(by.key, c.height(), c.round(), c.digest()));
      certify(by, c.digest());
    }
  }

  /// Offers a block for import with the seals that have come together, be they enough or not.
  private void certify(Node by, Hash32 digest) {
    Proposal p = seen.get(digest);
    if (p == null) {
      return;
    }
    List<Signature> seals =
        new ArrayList<>(commits.get(digest).values().stream().map(Commit::seal).toList());
    if (random.nextInt(8) == 0) {
      seals.add(seals.getFirst());
    }
    QbftExtraData extra = p.block().header().qbft().orElseThrow();
    Block block = Proposals.withExtra(p.block(), extra.sealed(seals));
    Node to = any();
    if (to != by) {
      world.carry(by, to, () -> to.importAll(List.of(block), true));
    }
  }

  /// What it does of its own accord, every now and then.
  void stir() {
    if (world.schedule.byzantine() == 0) {
      return;
    }
    world.after(
        50 + random.nextInt(400),
        () -> {
          Node from = world.nodes.get(random.nextInt(world.schedule.byzantine()));
          if (from.isUp() && does(REPLAY) && !captured.isEmpty()) {
            toSome(from, captured.get(random.nextInt(captured.size())));
          }
          if (from.isUp() && does(FLOOD)) {
            int round = random.nextInt(Consensus.MAX_ROUND);
            long height = from.height() + 1;
            toSome(from, RoundChange.sign(from.key, height, round, null));
            toSome(from, Prepare.sign(from.key, height, round, Hash32.ZERO));
            toSome(from, Commit.sign(from.key, height + random.nextInt(3), round, Hash32.ZERO));
          }
          if (from.isUp() && does(ODD)) {
            world.send(from, any(), random.nextBoolean() ? odd(from) : mutated(odd(from)));
          }
          stir();
        });
  }

  /// Signed as it should be, and wrong in what it says.
  private byte[] odd(Node from) {
    long height = from.height() + random.nextInt(2);
    int round = random.nextInt(4);
    Hash32 digest = Hash32.of(0, 0, 0, random.nextInt(3));
    Certificate nothing = new Certificate(round - 1 + random.nextInt(3), digest, null, List.of());
    RoundChange change =
        RoundChange.sign(from.key, height, round, nothing.round() < 0 ? null : nothing);
    if (captured.isEmpty()) {
      return MessageCodec.encode(change);
    }
    QbftMessage other = captured.get(random.nextInt(captured.size()));
    QbftMessage odd =
        switch (other) {
          case Proposal p when random.nextBoolean() ->
              Proposal.sign(from.key, height, round, p.block(), List.of(change, change), List.of());
          case Proposal p ->
              RoundChange.sign(
                  from.key, height, round, new Certificate(round, digest, p.block(), List.of()));
          case Prepare p -> Prepare.sign(from.key, p.height(), p.round(), digest);
          case Commit c -> {
            Signature seal = new Signature(1, UInt256.ZERO, UInt256.ZERO);
            byte[] payload = Commit.payload(c.height(), c.round(), c.digest(), seal);
            Signature signature = from.key.sign(QbftMessage.hashOf(Commit.CODE, payload));
            yield new Commit(c.height(), c.round(), c.digest(), seal, signature, from.address);
          }
          case RoundChange r -> change;
        };
    return MessageCodec.encode(odd);
  }

  /// With some of its bytes changed, cut off or repeated.
  private byte[] mutated(byte[] message) {
    int at = random.nextInt(message.length);
    switch (random.nextInt(4)) {
      case 0 -> message[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> message[at] = (byte) random.nextInt();
      case 2 -> {
        return Arrays.copyOf(message, at);
      }
      default -> {
        byte[] longer = Arrays.copyOf(message, 2 * message.length - at);
        System.arraycopy(message, at, longer, message.length, message.length - at);
        return longer;
      }
    }
    return message;
  }
}
