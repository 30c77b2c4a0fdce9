package io.semper.evm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.Fork;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The interpreter's switch against the table it repeats.
class OpTableTest {
  private static final Address SELF = Address.of(0x1000);
  private static final Address CALLER = Address.of(0x2000);

  /// Notes the stack's height before every instruction of the outer frame.
  private static final class Heights implements Tracer {
    final List<Integer> before = new ArrayList<>();
    final List<Integer> opcodes = new ArrayList<>();

    @Override
    public void step(Step frame, int pc, int opcode, long gas) {
      if (frame.depth() == 1) {
        before.add(frame.stackSize());
        opcodes.add(opcode);
      }
    }
  }

  private static Machine.Result run(Fork fork, byte[] code, Tracer tracer) {
    StateView state =
        new StateView() {
          @Override
          public Account account(Address address) {
            return address.equals(SELF)
                ? new Account(1, UInt256.ZERO, Account.EMPTY_ROOT, Keccak.hash(code))
                : null;
          }

          @Override
          public UInt256 storage(Address address, UInt256 slot) {
            return UInt256.ZERO;
          }

          @Override
          public byte[] code(Hash32 codeHash) {
            return code;
          }
        };
    BlockEnv env =
        new BlockEnv(
            UInt256.ONE,
            Address.ZERO,
            1,
            1,
            30_000_000,
            UInt256.ONE,
            Hash32.ZERO,
            UInt256.ZERO,
            UInt256.ONE,
            number -> Hash32.ZERO);
    Machine machine = new Machine(new Journal(state), env, ForkRules.of(fork), tracer);
    machine.begin(CALLER, UInt256.ZERO, List.of());
    return machine.call(CALLER, SELF, UInt256.ZERO, new byte[0], 10_000_000);
  }

  /// `count` zeros on the stack, then the instruction, then STOP.
  private static byte[] program(int opcode, int count) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      code.write(0x60);
      code.write(0);
    }
    code.write(opcode);
    return code.toByteArray();
  }

  @Test
  void everyRowHasABodyThatMovesTheStackAsTheRowSays() {
    int checked = 0;
    for (int opcode = 0; opcode < 256; opcode++) {
      OpTable.Row row = OpTable.row(opcode);
      boolean goesOn = row != null && row.out() + row.in() > 0 && !endsOrJumps(opcode);
      if (goesOn) {
        Heights heights = new Heights();
        run(Fork.OSAKA, program(opcode, row.in()), heights);
        int at = row.in();
        assertThat(heights.opcodes.get(at)).isEqualTo(opcode);
        assertThat(heights.before.size()).as("%s runs", row.name()).isGreaterThan(at + 1);
        assertThat(heights.before.get(at + 1)).as(row.name()).isEqualTo(row.out());
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(130);
  }

  private static boolean endsOrJumps(int opcode) {
    return List.of(0x00, 0x56, 0xF3, 0xFD, 0xFF).contains(opcode);
  }

  @Test
  void opcodesWithoutARowAreInvalid() {
    for (int opcode = 0; opcode < 256; opcode++) {
      if (OpTable.row(opcode) == null) {
        assertThat(run(Fork.BPO5, program(opcode, 17), null).halt())
            .as("0x%x", opcode)
            .isEqualTo(Halt.INVALID_OPCODE);
      }
    }
  }

  @Test
  void opcodesAreInvalidBeforeTheirForkAndBoundsAreKept() {
    for (int opcode = 0; opcode < 256; opcode++) {
      OpTable.Row row = OpTable.row(opcode);
      if (row == null) {
        continue;
      }
      if (row.since() != Fork.FRONTIER) {
        Fork before = Fork.values()[row.since().ordinal() - 1];
        assertThat(run(before, program(opcode, row.in()), null).halt())
            .as("%s in %s", row.name(), before)
            .isEqualTo(Halt.INVALID_OPCODE);
      }
      if (row.in() > 0) {
        assertThat(run(Fork.OSAKA, program(opcode, row.in() - 1), null).halt())
            .as(row.name())
            .isEqualTo(Halt.STACK_UNDERFLOW);
      }
      if (row.out() > row.in()) {
        assertThat(run(Fork.OSAKA, program(opcode, 1024), null).halt())
            .as(row.name())
            .isEqualTo(Halt.STACK_OVERFLOW);
      }
    }
  }
}
