package io.semper.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.rlp.MalformedInputException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DynamicTest;

/// Decoders against inputs that are nearly right: sound ones with bytes changed, cut out, repeated
/// and exchanged. Each is taken or refused as bad input, and nothing else happens. What is taken is
/// changed further, so that inputs wander off from those they began with.
///
/// | property | is | by default |
/// |---|---|---|
/// | `semper.fuzz` | inputs for each decoder | 2,000 |
/// | `semper.seed` | which inputs | 1 |
public final class Fuzz {
  private static final int INPUTS = Integer.getInteger("semper.fuzz", 2_000);
  private static final long SEED = Long.getLong("semper.seed", 1);

  /// Inputs kept to be changed further, and how long they may be beside the longest sound one.
  private static final int MAX_POOL = 256;

  private static final int MAX_GROWTH = 4_096;

  /// Above so many inputs, a decoder's figures are worth a line.
  private static final int REPORTED_INPUTS = 50_000;

  private static final byte[] EXTREMES = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff};

  /// What is tried: it may throw `MalformedInputException`, or `IOException` where it reads a
  /// stream.
  public interface Decoder {
    void decode(byte[] input) throws IOException;
  }

  /// Of so many inputs one goes through what is costly.
  private static final int SAMPLE = 256;

  /// A decoder, and for some of the inputs what comes after it and costs many times as much, such
  /// as the check of a signature: that may refuse whatever it likes, and must not fail.
  public static Decoder withSampled(Decoder costly, Decoder decoder) {
    AtomicLong inputs = new AtomicLong();
    return in -> {
      if (inputs.getAndIncrement() % SAMPLE == 0) {
        try {
          costly.decode(in.clone());
        } catch (MalformedInputException | IOException refused) {
          // Whether the input is taken is for the decoder to say.
        }
      }
      decoder.decode(in);
    };
  }

  private final String name;
  private final Decoder decoder;
  private final Random random = new Random(SEED);
  private final List<byte[]> pool = new ArrayList<>();
  private final int sound;
  private final int longest;

  /// What is shorter says nothing any more, and nothing comes of it.
  private final int shortest;

  private Fuzz(String name, Decoder decoder, byte[]... sound) {
    this.name = name;
    this.decoder = decoder;
    this.sound = sound.length;
    pool.addAll(List.of(sound));
    longest = pool.stream().mapToInt(each -> each.length).max().orElseThrow() + MAX_GROWTH;
    shortest = pool.stream().mapToInt(each -> each.length).min().orElseThrow() / 2 + 1;
  }

  /// The test of one decoder.
  ///
  /// @param sound inputs that it takes
  public static DynamicTest of(String name, Decoder decoder, byte[]... sound) {
    return DynamicTest.dynamicTest(name, () -> new Fuzz(name, decoder, sound).run());
  }

  /// On a virtual thread: its stack is short, and the exceptions that refuse most inputs cost by
  /// its depth (measured: 4.2 us for a header below JUnit, 1.6 us here); and decoders that hand
  /// over to other virtual threads pay little for it.
  private void run() throws Throwable {
    FutureTask<Void> task = new FutureTask<>(this::tryAll, null);
    Thread.ofVirtual().name("fuzz").start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  private void tryAll() {
    for (byte[] each : List.copyOf(pool)) {
      assertThat(isTaken(each)).as("%s takes %s", name, HexFormat.of().formatHex(each)).isTrue();
    }
    Duration before = processorTime();
    int taken = 0;
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = mutated();
      if (isTaken(input)) {
        taken++;
        keep(input);
      }
    }
    if (INPUTS >= REPORTED_INPUTS) {
      // Of all threads: it is the decoder's where decoders are tried one after the other.
      double micros = processorTime().minus(before).toNanos() / 1e3 / INPUTS;
      System.out.printf(
          "%s: %d inputs, %d taken, %.1f us of processor time each%n", name, INPUTS, taken, micros);
    }
    assertThat(taken).as("inputs that were taken").isLessThan(INPUTS);
  }

  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private boolean isTaken(byte[] input) {
    try {
      decoder.decode(input.clone());
      return true;
    } catch (MalformedInputException | IOException expected) {
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(name + " fails at " + HexFormat.of().formatHex(input), e);
    }
  }

  private void keep(byte[] input) {
    if (input.length > longest || input.length < shortest) {
      return;
    }
    if (pool.size() < MAX_POOL) {
      pool.add(input);
    } else {
      pool.set(sound + random.nextInt(MAX_POOL - sound), input);
    }
  }

  private byte[] mutated() {
    byte[] input = any().clone();
    for (int changes = random.nextInt(4); changes >= 0 && input.length > 0; changes--) {
      int at = random.nextInt(input.length);
      int rest = input.length - at;
      switch (random.nextInt(8)) {
        case 0 -> input[at] = (byte) random.nextInt();
        case 1 -> input[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> input = Arrays.copyOf(input, at);
        case 3 -> input = join(input, at, 0, input, at, random.nextInt(Math.min(rest, 40)));
        case 4 -> input = join(input, at, random.nextInt(rest) + 1, input, 0, 0);
        case 5 -> {
          byte extreme = EXTREMES[random.nextInt(EXTREMES.length)];
          Arrays.fill(input, at, at + 1 + random.nextInt(Math.min(rest, 10)), extreme);
        }
        case 6 -> input[at] += (byte) (random.nextInt(9) - 4);
        default -> {
          byte[] other = any();
          int from = random.nextInt(other.length + 1);
          int count = random.nextInt(other.length - from + 1);
          input = join(input, at, random.nextInt(rest + 1), other, from, count);
        }
      }
    }
    return input;
  }

  /// Of those to be changed; a sound one as often as all others together.
  private byte[] any() {
    return pool.get(random.nextInt(random.nextBoolean() ? sound : pool.size()));
  }

  /// An input less `removed` bytes at a place, with `count` bytes of another there.
  private static byte[] join(byte[] input, int at, int removed, byte[] other, int from, int count) {
    byte[] out = Arrays.copyOf(input, input.length - removed + count);
    System.arraycopy(other, from, out, at, count);
    System.arraycopy(input, at + removed, out, at + count, input.length - at - removed);
    return out;
  }
}
