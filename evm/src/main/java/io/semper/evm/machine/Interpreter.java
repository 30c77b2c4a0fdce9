package io.semper.evm.machine;

import io.semper.core.bytes.Limbs;
import io.semper.evm.Halt;

/// The loop that runs frames, one instruction at a time.
///
/// Registers of the running frame (`pc`, `top`, `gas`) live in local variables and are stored in
/// the frame only where it is left for another. Nested calls are other frames of the same loop, so
/// the Java stack does not grow with the depth of calls.
///
/// Before an instruction runs, its base gas is taken and its stack bounds are compared, all in one
/// sign test. Bodies that charge more return the gas left; where that is negative the instruction
/// failed, which the next instruction's test notices, so bodies need no check of their own here.
///
/// Where a frame comes to code that a [Translator] has translated, that runs instead, until it
/// reaches an instruction it leaves to this loop: those that go to other frames, and rare ones.
///
/// The switch names opcodes by number beside calls to the bodies in their families' files. It is
/// the one place that repeats the opcode table, because a table of method references would make
/// each instruction a megamorphic call; a test runs every row through it. The method must stay
/// below 8,000 bytes of bytecode, beyond which HotSpot does not compile it.
final class Interpreter {
  private Interpreter() {}

  /// Runs a transaction's own frame and all it calls; the result is left in the machine.
  static void run(Machine m, Frame root) {
    long[] table = m.table;
    long[] scratch = m.scratch;
    Frame f = root;
    int ticks = 0; // until the next poll
    while (f != null) {
      if (--ticks < 0) {
        ticks = m.poll(f.code, f.pc);
        if (m.cancelled) {
          f = m.end(f, Halt.TIMEOUT);
          continue;
        }
      }
      Regions regions = m.regions(f.code);
      if (regions != null) {
        Halt ended = runTranslated(f, regions);
        if (ended != null) {
          f = m.end(f, ended);
          continue;
        }
      }
      byte[] visited = regions == null ? null : regions.visited;
      long[] s = f.stack;
      byte[] code = f.code.padded();
      int pc = f.pc;
      int top = f.top;
      long gas = f.gas;
      Frame next = null;
      Halt halt; // null: go on with `next`
      frame:
      while (true) {
        int op = code[pc] & 0xFF;
        long bounds = table[op];
        gas -= GasTable.gas(bounds);
        if (((top - GasTable.lowest(bounds)) | (GasTable.highest(bounds) - top) | gas) < 0) {
          halt = m.check(f, op, pc, top, gas);
          if (halt != Halt.NONE) {
            break;
          }
        }
        switch (op) {
          case 0x00:
            halt = Halt.NONE;
            break frame;
          case 0x01:
            Arithmetic.add(s, top);
            top -= 4;
            break;
          case 0x02:
            Arithmetic.mul(s, top);
            top -= 4;
            break;
          case 0x03:
            Arithmetic.sub(s, top);
            top -= 4;
            break;
          case 0x04:
            Arithmetic.div(s, top, scratch);
            top -= 4;
            break;
          case 0x05:
            Arithmetic.sdiv(s, top, scratch);
            top -= 4;
            break;
          case 0x06:
            Arithmetic.mod(s, top, scratch);
            top -= 4;
            break;
          case 0x07:
            Arithmetic.smod(s, top, scratch);
            top -= 4;
            break;
          case 0x08:
            Arithmetic.addmod(s, top, scratch);
            top -= 8;
            break;
          case 0x09:
            Arithmetic.mulmod(s, top, scratch);
            top -= 8;
            break;
          case 0x0A:
            gas = Arithmetic.exp(f, s, top, gas);
            top -= 4;
            break;
          case 0x0B:
            Arithmetic.signextend(s, top);
            top -= 4;
            break;
          case 0x10:
            Bitwise.lt(s, top);
            top -= 4;
            break;
          case 0x11:
            Bitwise.gt(s, top);
            top -= 4;
            break;
          case 0x12:
            Bitwise.slt(s, top);
            top -= 4;
            break;
          case 0x13:
            Bitwise.sgt(s, top);
            top -= 4;
            break;
          case 0x14:
            Bitwise.eq(s, top);
            top -= 4;
            break;
          case 0x15:
            Bitwise.iszero(s, top);
            break;
          case 0x16:
            Bitwise.and(s, top);
            top -= 4;
            break;
          case 0x17:
            Bitwise.or(s, top);
            top -= 4;
            break;
          case 0x18:
            Bitwise.xor(s, top);
            top -= 4;
            break;
          case 0x19:
            Bitwise.not(s, top);
            break;
          case 0x1A:
            Bitwise.byteAt(s, top);
            top -= 4;
            break;
          case 0x1B:
            Bitwise.shl(s, top);
            top -= 4;
            break;
          case 0x1C:
            Bitwise.shr(s, top);
            top -= 4;
            break;
          case 0x1D:
            Bitwise.sar(s, top);
            top -= 4;
            break;
          case 0x1E:
            Bitwise.clz(s, top);
            break;
          case 0x20:
            gas = Hashing.keccak256(f, s, top, gas);
            top -= 4;
            break;
          case 0x30:
            Environment.pushAddress(s, top += 4, f.self.address());
            break;
          case 0x31:
            gas = Environment.balance(f, s, top, gas);
            break;
          case 0x32:
            Environment.pushAddress(s, top += 4, m.origin);
            break;
          case 0x33:
            Environment.pushAddress(s, top += 4, f.caller);
            break;
          case 0x34:
            Limbs.set(s, top += 4, f.value);
            break;
          case 0x35:
            Environment.calldataload(f, s, top);
            break;
          case 0x36:
            Limbs.set(s, top += 4, f.inputLength);
            break;
          case 0x37:
            gas = Environment.calldatacopy(f, s, top, gas);
            top -= 12;
            break;
          case 0x38:
            Limbs.set(s, top += 4, f.code.length());
            break;
          case 0x39:
            gas = Environment.codecopy(f, s, top, gas);
            top -= 12;
            break;
          case 0x3A:
            Limbs.set(s, top += 4, m.gasPrice);
            break;
          case 0x3B:
            gas = Environment.extcodesize(f, s, top, gas);
            break;
          case 0x3C:
            gas = Environment.extcodecopy(f, s, top, gas);
            top -= 16;
            break;
          case 0x3D:
            Limbs.set(s, top += 4, f.returnLength);
            break;
          case 0x3E:
            gas = Environment.returndatacopy(f, s, top, gas);
            top -= 12;
            break;
          case 0x3F:
            gas = Environment.extcodehash(f, s, top, gas);
            break;
          case 0x40:
            BlockInfo.blockhash(f, s, top);
            break;
          case 0x41:
            BlockInfo.coinbase(f, s, top += 4);
            break;
          case 0x42:
            Limbs.set(s, top += 4, m.env.timestamp());
            break;
          case 0x43:
            Limbs.set(s, top += 4, m.env.number());
            break;
          case 0x44:
            BlockInfo.difficulty(f, s, top += 4);
            break;
          case 0x45:
            Limbs.set(s, top += 4, m.env.gasLimit());
            break;
          case 0x46:
            Limbs.set(s, top += 4, m.env.chainId());
            break;
          case 0x47:
            Limbs.set(s, top += 4, f.self.balance());
            break;
          case 0x48:
            Limbs.set(s, top += 4, m.env.baseFee());
            break;
          case 0x49:
            BlockInfo.blobhash(f, s, top);
            break;
          case 0x4A:
            Limbs.set(s, top += 4, m.env.blobBaseFee());
            break;
          case 0x50:
            top -= 4;
            break;
          case 0x51:
            gas = MemoryOps.mload(f, s, top, gas);
            break;
          case 0x52:
            gas = MemoryOps.mstore(f, s, top, gas);
            top -= 8;
            break;
          case 0x53:
            gas = MemoryOps.mstore8(f, s, top, gas);
            top -= 8;
            break;
          case 0x54:
            gas = Storage.sload(f, s, top, gas);
            break;
          case 0x55:
            gas = Storage.sstore(f, s, top, gas);
            top -= 8;
            break;
          case 0x56:
            pc = Control.destination(f, s, top);
            top -= 4;
            if (pc < 0) {
              halt = Halt.INVALID_JUMP;
              break frame;
            }
            if (--ticks < 0) {
              ticks = m.poll(f.code, pc);
              regions = m.regions(f.code);
              if (m.cancelled) {
                halt = Halt.TIMEOUT;
                break frame;
              }
            }
            if (regions != null) {
              visited = regions.visited;
              visited[pc] = 1;
            }
            if (regions != null && regions.has(pc)) {
              f.pc = pc;
              f.top = top;
              f.gas = gas;
              next = f;
              halt = null;
              break frame;
            }
            continue;
          case 0x57:
            if (Limbs.isZero(s, top - 4)) {
              top -= 8;
              if (visited != null) {
                visited[pc + 1] = 1;
              }
              break;
            }
            pc = Control.destination(f, s, top);
            top -= 8;
            if (pc < 0) {
              halt = Halt.INVALID_JUMP;
              break frame;
            }
            if (--ticks < 0) {
              ticks = m.poll(f.code, pc);
              regions = m.regions(f.code);
              if (m.cancelled) {
                halt = Halt.TIMEOUT;
                break frame;
              }
            }
            if (regions != null) {
              visited = regions.visited;
              visited[pc] = 1;
            }
            if (regions != null && regions.has(pc)) {
              f.pc = pc;
              f.top = top;
              f.gas = gas;
              next = f;
              halt = null;
              break frame;
            }
            continue;
          case 0x58:
            Limbs.set(s, top += 4, pc);
            break;
          case 0x59:
            Limbs.set(s, top += 4, f.memorySize);
            break;
          case 0x5A:
            Limbs.set(s, top += 4, gas);
            break;
          case 0x5B:
            break;
          case 0x5C:
            Storage.tload(f, s, top);
            break;
          case 0x5D:
            gas = Storage.tstore(f, s, top, gas);
            top -= 8;
            break;
          case 0x5E:
            gas = MemoryOps.mcopy(f, s, top, gas);
            top -= 12;
            break;
          case 0x5F:
            Limbs.set(s, top += 4, 0);
            break;
          case 0x60:
            Limbs.set(s, top += 4, code[++pc] & 0xFF);
            break;
          case 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67:
            StackOps.pushShort(s, top += 4, code, pc, op - 0x5F);
            pc += op - 0x5F;
            break;
          case 0x68,
          0x69,
          0x6A,
          0x6B,
          0x6C,
          0x6D,
          0x6E,
          0x6F,
          0x70,
          0x71,
          0x72,
          0x73,
          0x74,
          0x75,
          0x76,
          0x77,
          0x78,
          0x79,
          0x7A,
          0x7B,
          0x7C,
          0x7D,
          0x7E,
          0x7F:
            StackOps.pushLong(s, top += 4, code, pc, op - 0x5F);
            pc += op - 0x5F;
            break;
          case 0x80,
          0x81,
          0x82,
          0x83,
          0x84,
          0x85,
          0x86,
          0x87,
          0x88,
          0x89,
          0x8A,
          0x8B,
          0x8C,
          0x8D,
          0x8E,
          0x8F:
            StackOps.copy(s, top - 4 * (op - 0x80), top + 4);
            top += 4;
            break;
          case 0x90,
          0x91,
          0x92,
          0x93,
          0x94,
          0x95,
          0x96,
          0x97,
          0x98,
          0x99,
          0x9A,
          0x9B,
          0x9C,
          0x9D,
          0x9E,
          0x9F:
            StackOps.swap(s, top, top - 4 * (op - 0x8F));
            break;
          case 0xA0, 0xA1, 0xA2, 0xA3, 0xA4:
            gas = Logs.log(f, s, top, op - 0xA0, gas);
            top -= 8 + 4 * (op - 0xA0);
            break;
          case 0xF0, 0xF5:
            f.pc = pc + 1;
            f.top = top;
            f.gas = gas;
            next = Creates.begin(f, op);
            halt = next == null ? f.whyFailed() : null;
            break frame;
          case 0xF1, 0xF2, 0xF4, 0xFA:
            f.pc = pc + 1;
            f.top = top;
            f.gas = gas;
            next = Calls.begin(f, op);
            halt = next == null ? f.whyFailed() : null;
            break frame;
          case 0xF3:
            gas = Control.output(f, s, top, gas);
            halt = gas < 0 ? Halt.OUT_OF_GAS : Halt.NONE;
            break frame;
          case 0xFD:
            gas = Control.output(f, s, top, gas);
            halt = gas < 0 ? Halt.OUT_OF_GAS : Halt.REVERT;
            break frame;
          case 0xFF:
            f.gas = gas;
            gas = Creates.selfdestruct(f, s, top, gas);
            halt = gas >= 0 ? Halt.NONE : f.whyFailed();
            break frame;
          default:
            halt = Halt.INVALID_OPCODE;
            break frame;
        }
        pc++;
      }
      if (halt == null) {
        f = next;
      } else {
        f.gas = gas;
        f = m.end(f, halt);
      }
    }
  }

  /// Runs a frame as long as what comes is translated.
  ///
  /// @return how it ended, or `null` where the interpreter has to go on
  private static Halt runTranslated(Frame f, Regions regions) {
    Region region = regions.at(f.pc);
    if (region == null) {
      return null;
    }
    regions.markUsed();
    while (region != null && region.fits(f.top)) {
      Halt halt = region.run(f);
      if (halt != null) {
        return halt;
      }
      regions.markVisited(f.pc);
      f.machine.countExit(f.code, f.pc);
      region = regions.at(f.pc);
    }
    return null;
  }
}
