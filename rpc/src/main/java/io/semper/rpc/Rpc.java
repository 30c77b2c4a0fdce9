package io.semper.rpc;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Serves a Java method under a JSON-RPC name or more.
///
/// Its parameters are decoded from the request's positional ones by type (see
/// [io.semper.rpc.param.Decoders]); a [CallContext] parameter takes none. What it returns is
/// written by [io.semper.rpc.json.Json]; what it throws becomes an error reply.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Rpc {
  /// The name on the wire, namespace included; several where tools know several.
  String[] value();

  /// Whether it is answered at once by a chain that lies on this machine: from memory, or by a few
  /// reads of the database, and in not more than a block's bytes. The thread that watches the
  /// connections may call it then; it must wait for nothing.
  boolean prompt() default false;

  /// Whether it gives a transaction to the pool and looks at nothing else. Any other method is
  /// called once the pool is settled (see [io.semper.core.view.PoolView#settle]): who was told that
  /// a transaction was taken finds its block.
  boolean submits() default false;
}
