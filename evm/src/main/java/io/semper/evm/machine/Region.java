package io.semper.evm.machine;

import io.semper.evm.Halt;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// A piece of a contract's code in translated form, entered at one instruction.
///
/// Subclasses are generated into this package, so that they reach the frame and the bodies of
/// instructions without either being public; [Outcalls] is all they call.
public abstract class Region {
  /// Class that generated classes extend and the method they implement, in the class file's words.
  public static final String RUN = "run";

  private final int lowest;
  private final int highest;

  /// @param words on the stack that the region reads
  /// @param growth most words by which it makes the stack grow
  protected Region(int words, int growth) {
    lowest = 4 * words - 4;
    highest = 4 * (GasTable.STACK_LIMIT - growth) - 4;
  }

  /// Whether no instruction of the region can find too few or leave too many words on a stack whose
  /// top is at this offset.
  final boolean fits(int top) {
    return top >= lowest && top <= highest;
  }

  /// Runs the frame from this region's instruction on; its stack [#fits].
  ///
  /// @return how the frame ended, or `null` where it goes on at its `pc`, with `top` and `gas` set
  abstract Halt run(Frame f);

  /// Defines a generated subclass and makes its one instance.
  ///
  /// @param classFile of a class in this package with a constructor that passes two `int`s on
  public static Region define(byte[] classFile, int words, int growth) {
    MethodHandles.Lookup own = MethodHandles.lookup();
    try {
      MethodHandles.Lookup defined = own.defineHiddenClass(classFile, false);
      MethodHandle constructor =
          defined.findConstructor(
              defined.lookupClass(), MethodType.methodType(void.class, int.class, int.class));
      return (Region) constructor.invoke(words, growth);
    } catch (Throwable e) {
      throw new IllegalStateException("a generated class does not load", e);
    }
  }
}
