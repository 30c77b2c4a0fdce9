package io.semper.evm.tx;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.AccessListEntry;
import io.semper.evm.trace.Tracer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Notes which accounts and slots an execution touches, failed calls included.
final class AccessRecorder implements Tracer {
  private static final int BALANCE = 0x31;
  private static final int EXTCODESIZE = 0x3B;
  private static final int EXTCODECOPY = 0x3C;
  private static final int EXTCODEHASH = 0x3F;
  private static final int SLOAD = 0x54;
  private static final int SSTORE = 0x55;
  private static final int CALL = 0xF1;
  private static final int CALLCODE = 0xF2;
  private static final int DELEGATECALL = 0xF4;
  private static final int STATICCALL = 0xFA;
  private static final int SELFDESTRUCT = 0xFF;

  private final Map<Address, Set<Hash32>> touched = new LinkedHashMap<>();
  private final Set<Address> free;

  /// @param free accounts that are warm anyway and are listed only for their slots
  AccessRecorder(Set<Address> free, List<AccessListEntry> start) {
    this.free = free;
    for (AccessListEntry entry : start) {
      account(entry.address());
      for (Hash32 key : entry.storageKeys()) {
        slots(entry.address()).add(key);
      }
    }
  }

  List<AccessListEntry> list() {
    List<AccessListEntry> list = new ArrayList<>();
    touched.forEach((address, keys) -> list.add(new AccessListEntry(address, List.copyOf(keys))));
    return list;
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    int size = frame.stackSize();
    switch (opcode) {
      case SLOAD, SSTORE -> {
        if (size >= 1) {
          slots(frame.self()).add(frame.stackWord(size - 1).toHash32());
        }
      }
      case BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SELFDESTRUCT -> {
        if (size >= 1) {
          account(address(frame.stackWord(size - 1)));
        }
      }
      case CALL, CALLCODE, DELEGATECALL, STATICCALL -> {
        if (size >= 5) {
          account(address(frame.stackWord(size - 2)));
        }
      }
      default -> {}
    }
  }

  private static Address address(UInt256 word) {
    return Address.of((int) word.limb2(), word.limb1(), word.limb0());
  }

  private void account(Address address) {
    if (!free.contains(address)) {
      slots(address);
    }
  }

  private Set<Hash32> slots(Address address) {
    return touched.computeIfAbsent(address, a -> new LinkedHashSet<>());
  }
}
