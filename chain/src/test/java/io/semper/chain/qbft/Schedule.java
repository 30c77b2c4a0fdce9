package io.semper.chain.qbft;

import java.util.SplittableRandom;

/// What a simulation does to a network, drawn from a seed.
///
/// @param validators how many
/// @param byzantine how many of them do as they like; at most f together with those crashed for
///   good
/// @param dead how many stay away after the network has healed
/// @param skewed how many have a clock that is wrong by seconds; counted as faulty too
/// @param wiped how many lose their disk on the way; counted as faulty too
/// @param loss of messages, in thousandths, while there is chaos
/// @param duplication in thousandths
/// @param maxDelayMillis of a message while there is chaos
/// @param crashMillis mean time between crashes, 0 for none
/// @param partitionMillis mean time between changes of partition, 0 for none
/// @param chaosMillis until everything heals
/// @param emptyPeriodSeconds the network's
/// @param transition whether the block period changes by time on the way
/// @param votes whether validators are voted in and out
/// @param mischief what the Byzantine ones do, a bit each
/// @param encoded whether messages travel as bytes
record Schedule(
    long seed,
    int validators,
    int byzantine,
    int dead,
    int skewed,
    int wiped,
    int loss,
    int duplication,
    int maxDelayMillis,
    int crashMillis,
    int partitionMillis,
    int chaosMillis,
    int emptyPeriodSeconds,
    boolean transition,
    boolean votes,
    int mischief,
    boolean encoded) {
  private static final int[] SIZES = {1, 2, 3, 4, 4, 4, 4, 4, 5, 6, 6, 7, 7, 8, 9, 10, 13};

  static Schedule of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = SIZES[random.nextInt(SIZES.length)];
    int f = Quorum.faulty(n);
    int byzantine = f == 0 || random.nextInt(3) == 0 ? 0 : random.nextInt(f + 1);
    int dead = f - byzantine == 0 ? 0 : random.nextInt(f - byzantine + 1);
    int skewed = f - byzantine - dead > 0 && random.nextInt(3) == 0 ? 1 : 0;
    return new Schedule(
        seed,
        n,
        byzantine,
        dead,
        skewed,
        f - byzantine - dead - skewed > 0 && random.nextInt(3) == 0 ? 1 : 0,
        random.nextInt(3) == 0 ? 0 : random.nextInt(300),
        random.nextInt(2) == 0 ? 0 : random.nextInt(500),
        random.nextInt(3) == 0 ? 50 : 50 + random.nextInt(2_000),
        random.nextInt(3) == 0 ? 0 : 500 + random.nextInt(8_000),
        random.nextInt(3) == 0 ? 0 : 500 + random.nextInt(8_000),
        n > 7 ? 6_000 : 5_000 + random.nextInt(20_000),
        random.nextInt(3) == 0 ? 5 + random.nextInt(30) : 0,
        random.nextInt(5) == 0,
        n >= 4 && byzantine == 0 && random.nextInt(4) == 0,
        // Lies work best when little else disturbs.
        random.nextInt(4) == 0
            ? 1 << Adversary.FORGE | 1 << Adversary.WITHHOLD | 1 << Adversary.CERTIFY
            : random.nextInt(1 << Adversary.KINDS),
        random.nextInt(50) == 0);
  }
}
