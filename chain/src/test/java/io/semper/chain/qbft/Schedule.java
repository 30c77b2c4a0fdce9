package io.semper.chain.qbft;

import java.util.SplittableRandom;

/// What a simulation does to a network, drawn from a seed.
///
/// @param validators how many
/// @param byzantine how many of them do as they like; at most f together with those crashed for
///   good
/// @param dead how many stay away after the network has healed
/// @param skewed how many have a clock that is wrong by up to ten seconds: one, counted as faulty
///   too, or all that are left
/// @param wiped how many lose their disk on the way; counted as faulty too
/// @param standby whether one has a second process with its key, which takes over by command (1) or
///   after a silence (2); counted as faulty too
/// @param gentle whether the two can hear each other, and so must not contradict themselves
/// @param late whether one is given another's chain on the way, without what is old
/// @param loss of messages, in thousandths, while there is chaos
/// @param duplication in thousandths
/// @param maxDelayMillis of a message while there is chaos
/// @param crashMillis mean time between crashes, 0 for none
/// @param partitionMillis mean time between changes of partition, 0 for none
/// @param chaosMillis until everything heals
/// @param emptyPeriodSeconds the network's
/// @param changes what the genesis file changes on the way
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
    int standby,
    boolean gentle,
    boolean late,
    int loss,
    int duplication,
    int maxDelayMillis,
    int crashMillis,
    int partitionMillis,
    int chaosMillis,
    int emptyPeriodSeconds,
    Timeline.Kind changes,
    boolean votes,
    int mischief,
    boolean encoded) {
  static final int BY_COMMAND = 1;
  static final int BY_SILENCE = 2;

  private static final int SILENCE_MILLIS = 2_000;
  private static final int[] SIZES = {1, 2, 3, 4, 4, 4, 4, 4, 5, 6, 6, 7, 7, 8, 9, 10, 13};

  /// Of silence, after which the one that stands by takes over; 0 for never.
  int takeOverMillis() {
    return standby == BY_SILENCE ? SILENCE_MILLIS : 0;
  }

  static Schedule of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = SIZES[random.nextInt(SIZES.length)];
    int f = Quorum.faulty(n);
    int byzantine = f == 0 || random.nextInt(3) == 0 ? 0 : random.nextInt(f + 1);
    int dead = f - byzantine == 0 ? 0 : random.nextInt(f - byzantine + 1);
    int left = f - byzantine - dead;
    boolean allSkewed = random.nextInt(16) == 0;
    int oneSkewed = left > 0 && random.nextInt(3) == 0 ? 1 : 0;
    left -= allSkewed ? 0 : oneSkewed;
    int wiped = left > 0 && random.nextInt(3) == 0 ? 1 + random.nextInt(left) : 0;
    int standby = left > 0 && wiped == 0 && random.nextInt(6) == 0 ? 1 + random.nextInt(2) : 0;
    boolean gentle = standby > 0 && random.nextBoolean();
    // What is older than an epoch takes a while to be there.
    boolean late = n >= 4 && n <= 7 && standby == 0 && random.nextInt(16) == 0;
    boolean mayChange = n >= 4 && byzantine == 0 && standby == 0;
    Timeline.Kind[] kinds = Timeline.Kind.values();
    Timeline.Kind changes =
        random.nextInt(4) > 0 ? Timeline.Kind.NOTHING : kinds[random.nextInt(kinds.length)];
    return new Schedule(
        seed,
        n,
        byzantine,
        dead,
        allSkewed ? n - byzantine - dead : oneSkewed,
        wiped,
        standby,
        gentle,
        late,
        random.nextInt(3) == 0 || gentle || late ? 0 : random.nextInt(300),
        random.nextInt(2) == 0 ? 0 : random.nextInt(500),
        random.nextInt(3) == 0 || gentle ? 50 : 50 + random.nextInt(2_000),
        random.nextInt(3) == 0 ? 0 : 500 + random.nextInt(8_000),
        random.nextInt(3) == 0 || gentle ? 0 : 500 + random.nextInt(8_000),
        n > 7 ? 6_000 : (late || standby > 0 ? 15_000 : 5_000) + random.nextInt(15_000),
        random.nextInt(3) == 0 ? 5 + random.nextInt(30) : 0,
        changes.changesValidators() && !mayChange ? Timeline.Kind.NOTHING : changes,
        mayChange && random.nextInt(4) == 0,
        // Lies work best when little else disturbs.
        random.nextInt(4) == 0
            ? 1 << Adversary.FORGE | 1 << Adversary.WITHHOLD | 1 << Adversary.CERTIFY
            : random.nextInt(1 << Adversary.KINDS),
        random.nextInt(50) == 0);
  }
}
