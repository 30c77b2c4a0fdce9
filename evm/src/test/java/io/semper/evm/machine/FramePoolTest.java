package io.semper.evm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.Fork;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is left in frames that are used again, and how much of it.
class FramePoolTest {
  private static final Address CONTRACT = Address.of(0x1000);

  /// Writes ones to the last words of the first megabyte of memory.
  private static final String FILL = "5F19 620FFFE0 52 5F19 620FFFC0 52";

  /// Returns the word at 0x0FFFE0 of memory.
  private static final String READ = "620FFFE0 51 5F 52 60205F F3";

  /// Calls itself with all gas until there is none, or until the calls are too deep.
  private static final String CALL_ITSELF = "5F5F5F5F5F 30 5A F1 00";

  @BeforeEach
  void emptyThePool() {
    for (int i = 0; i < FramePool.MAX_SETS; i++) {
      FramePool.take();
    }
  }

  private static Machine.Result run(String program) {
    byte[] code = Hex.decode(program.replace(" ", ""));
    Hash32 hash = Keccak.hash(code);
    StateView state =
        new StateView() {
          @Override
          public Account account(Address address) {
            return address.equals(CONTRACT)
                ? new Account(1, UInt256.ZERO, Account.EMPTY_ROOT, hash)
                : null;
          }

          @Override
          public UInt256 storage(Address address, UInt256 slot) {
            return UInt256.ZERO;
          }

          @Override
          public byte[] code(Hash32 wanted) {
            return code;
          }
        };
    BlockEnv env =
        new BlockEnv(
            UInt256.ONE,
            Address.of(0xC0),
            1,
            1,
            30_000_000,
            UInt256.ZERO,
            Keccak.EMPTY,
            UInt256.ZERO,
            UInt256.ONE,
            number -> Hash32.ZERO);
    Machine machine = new Machine(new Journal(state), env, ForkRules.of(Fork.OSAKA), null);
    machine.begin(CONTRACT, UInt256.ZERO, List.of());
    return machine.call(CONTRACT, CONTRACT, UInt256.ZERO, new byte[0], Long.MAX_VALUE / 2);
  }

  @Test
  void memoryUsedAgainIsZero() {
    assertThat(run(FILL + " 00").halt()).isEqualTo(Halt.NONE);
    Frame[] kept = FramePool.take();
    assertThat(kept[0].memory[0xFFFE0]).isEqualTo((byte) -1);
    FramePool.give(kept, 1);
    assertThat(run(READ).output()).isEqualTo(new byte[32]);
    assertThat(FramePool.take()).as("the same frames").isSameAs(kept);
  }

  @Test
  void nothingOfTheExecutionIsHeld() {
    run(CALL_ITSELF);
    Frame[] frames = FramePool.take();
    assertThat(frames[FramePool.MAX_FRAMES - 1]).isNotNull();
    for (int depth = 0; depth < FramePool.MAX_FRAMES; depth++) {
      Frame frame = frames[depth];
      assertThat(frame.machine).isNull();
      assertThat(frame.code).isNull();
      assertThat(frame.self).isNull();
      assertThat(frame.caller).isNull();
      assertThat(frame.value).isNull();
      assertThat(frame.input).isEmpty();
      assertThat(frame.returnData).isEmpty();
      assertThat(frame.output).isEmpty();
    }
  }

  @Test
  void deepFramesAreNotKept() {
    assertThat(run(CALL_ITSELF).halt()).isEqualTo(Halt.NONE);
    Frame[] frames = FramePool.take();
    for (int depth = FramePool.MAX_FRAMES; depth < frames.length; depth++) {
      assertThat(frames[depth]).isNull();
    }
  }

  @Test
  void memoryOfAllFramesTogetherIsBounded() {
    assertThat(run(FILL + CALL_ITSELF).halt()).isEqualTo(Halt.NONE);
    Frame[] frames = FramePool.take();
    int memory = 0;
    for (int depth = 0; depth < FramePool.MAX_FRAMES; depth++) {
      memory += frames[depth].memory.length;
    }
    assertThat(memory).isBetween(4 << 20, FramePool.MAX_MEMORY + FramePool.MAX_FRAMES * 1024);
  }

  @Test
  void setsAreBounded() {
    Set<Frame[]> given = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < 3 * FramePool.MAX_SETS; i++) {
      Frame[] frames = new Frame[Calls.MAX_DEPTH + 1];
      given.add(frames);
      FramePool.give(frames, 0);
    }
    int kept = 0;
    for (int i = 0; i < given.size(); i++) {
      kept += given.contains(FramePool.take()) ? 1 : 0;
    }
    assertThat(kept).isEqualTo(FramePool.MAX_SETS);
  }
}
