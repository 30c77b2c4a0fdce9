package io.semper.rpc;

/// A connection that can be sent messages nobody asked for.
public interface Subscriber {
  /// Queues a notification. Returns `false` where the connection has ended, or is now being closed
  /// with a reason because its queue is full: whoever reads too slowly is dropped, not waited for.
  boolean push(String message);

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
