package io.semper.compiler;

import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.Region;
import io.semper.evm.state.Code;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.BitSet;
import java.util.function.IntPredicate;

/// Translates the region that begins at one instruction.
final class RegionCompiler {
  /// HotSpot never compiles a method with more bytes (`HugeMethodLimit`).
  static final int MAX_METHOD_BYTES = 8_000;

  /// Regions with fewer instructions cost more to enter than they save.
  static final int MIN_INSTRUCTIONS = 6;

  private static final ClassDesc REGION = ClassDesc.of("io.semper.evm.machine.Region");
  private static final ClassDesc GENERATED = ClassDesc.of("io.semper.evm.machine.Translated");
  private static final MethodTypeDesc TWO_INTS =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_int);

  private RegionCompiler() {}

  /// @param region `null` where there is nothing to gain
  /// @param leftOut instructions that would belong to it, had they been thought worth it
  /// @param bytes of all of it, for accounts
  record Translation(Region region, int[] leftOut, int bytes) {
    private static Translation of(Region region, BitSet leftOut, int bytes) {
      int[] edges = leftOut.stream().toArray();
      return new Translation(region, edges, bytes + Integer.BYTES * edges.length);
    }
  }

  /// Translates from `pc` on, in ever smaller regions until one fits a method.
  ///
  /// @param worth which destinations of jumps and continuations of branches to take in
  static Translation translate(
      Code code, ForkRules rules, int pc, IntPredicate worth, int minInstructions) {
    for (int cost = Graph.MAX_COST; cost > 100; cost /= 2) {
      Graph graph = Graph.from(code, rules, pc, worth, cost);
      if (graph.first().end == pc || graph.instructions < minInstructions) {
        return Translation.of(null, graph.leftOut, 0);
      }
      byte[] classFile = generate(graph, code, rules);
      if (classFile != null) {
        Region region = Region.define(classFile, graph.depth(), graph.growth);
        return Translation.of(region, graph.leftOut, classFile.length);
      }
    }
    return Translation.of(null, new BitSet(), 0);
  }

  /// The class file, or `null` where the method is too long.
  private static byte[] generate(Graph graph, Code code, ForkRules rules) {
    byte[] classFile;
    try {
      classFile = build(graph, code, rules);
    } catch (IllegalArgumentException e) {
      return null; // more than the 65,535 bytes that a method can have
    }
    return methodLength(classFile) < MAX_METHOD_BYTES ? classFile : null;
  }

  private static byte[] build(Graph graph, Code code, ForkRules rules) {
    return ClassFile.of()
        .build(
            GENERATED,
            type ->
                type.withFlags(ClassFile.ACC_FINAL)
                    .withSuperclass(REGION)
                    .withMethodBody(
                        ConstantDescs.INIT_NAME,
                        TWO_INTS,
                        0,
                        body ->
                            body.aload(0)
                                .iload(1)
                                .iload(2)
                                .invokespecial(REGION, ConstantDescs.INIT_NAME, TWO_INTS)
                                .return_())
                    .withMethodBody(
                        Region.RUN,
                        Emitter.RUN,
                        0,
                        body -> new Emitter(body, graph, code, rules).emit()));
  }

  private static int methodLength(byte[] classFile) {
    ClassModel model = ClassFile.of().parse(classFile);
    return model.methods().stream()
        .filter(method -> method.methodName().equalsString(Region.RUN))
        .map(method -> ((CodeAttribute) method.code().orElseThrow()).codeLength())
        .findFirst()
        .orElseThrow();
  }
}
