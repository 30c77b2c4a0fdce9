package io.semper.rpc;

import java.io.IOException;
import java.io.OutputStream;

/// A connection that can be sent messages nobody asked for.
public interface Subscriber {
  /// Queues a notification. Returns `false` where the connection has ended, or is now being closed
  /// with a reason because its queue is full: whoever reads too slowly is dropped, not waited for.
  boolean push(String message);

  /// A message that leaves in pieces while it is written, however slowly it is read: writing waits.
  /// Other messages wait behind it until it is closed.
  ///
  /// @throws IOException where the connection has ended
  OutputStream stream() throws IOException;

  /// Runs once the reply to the call in progress has been queued, so that a subscription's id
  /// reaches the caller before its first notification.
  void afterReply(Runnable action);

  /// Remembers a subscription until it is ended or the connection is; then `onEnd` runs, once.
  ///
  /// @throws RpcException where the connection has as many as it may
  void addSubscription(String id, Runnable onEnd);

  /// Ends one. Returns whether there was one.
  boolean endSubscription(String id);
}
