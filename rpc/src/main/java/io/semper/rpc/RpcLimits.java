package io.semper.rpc;

/// Everything a caller can make the server hold or do, bounded.
///
/// @param maxBodyBytes largest request body or WebSocket message
/// @param maxBatch most requests in one array
/// @param maxBatchResponseBytes most bytes answering one array
/// @param maxResponseBytes most bytes answering one request
/// @param timeoutMillis time for a request, or for all of a batch together
/// @param maxConcurrent requests or batches in work at once; others wait within their time
/// @param maxConnections open TCP connections; further ones wait to be accepted
/// @param maxWebSockets open WebSocket connections
/// @param maxPerWebSocket requests of one WebSocket connection in work at once
/// @param maxSubscriptionsPerConnection of one WebSocket connection
/// @param maxSubscriptions of all connections together
/// @param maxQueuedMessages messages waiting for a slow WebSocket reader
/// @param maxQueuedBytes their bytes
/// @param writeTimeoutMillis time for one WebSocket message to leave
/// @param pingMillis interval of WebSocket pings; a peer silent after two of them is dropped when
///   the third is due
/// @param idleMillis how long an HTTP connection may say nothing
public record RpcLimits(
    int maxBodyBytes,
    int maxBatch,
    int maxBatchResponseBytes,
    int maxResponseBytes,
    long timeoutMillis,
    int maxConcurrent,
    int maxConnections,
    int maxWebSockets,
    int maxPerWebSocket,
    int maxSubscriptionsPerConnection,
    int maxSubscriptions,
    int maxQueuedMessages,
    int maxQueuedBytes,
    long writeTimeoutMillis,
    long pingMillis,
    long idleMillis) {

  /// For a port that strangers reach.
  public static final RpcLimits DEFAULT =
      new RpcLimits(
          5 << 20,
          1000,
          25_000_000,
          100_000_000,
          30_000,
          256,
          1000,
          500,
          16,
          1024,
          10_000,
          4096,
          16 << 20,
          10_000,
          30_000,
          60_000);

  public RpcLimits withTimeoutMillis(long millis) {
    return new RpcLimits(
        maxBodyBytes,
        maxBatch,
        maxBatchResponseBytes,
        maxResponseBytes,
        millis,
        maxConcurrent,
        maxConnections,
        maxWebSockets,
        maxPerWebSocket,
        maxSubscriptionsPerConnection,
        maxSubscriptions,
        maxQueuedMessages,
        maxQueuedBytes,
        writeTimeoutMillis,
        pingMillis,
        idleMillis);
  }

  public RpcLimits withBody(int bodyBytes, int batch, int batchResponseBytes) {
    return new RpcLimits(
        bodyBytes,
        batch,
        batchResponseBytes,
        maxResponseBytes,
        timeoutMillis,
        maxConcurrent,
        maxConnections,
        maxWebSockets,
        maxPerWebSocket,
        maxSubscriptionsPerConnection,
        maxSubscriptions,
        maxQueuedMessages,
        maxQueuedBytes,
        writeTimeoutMillis,
        pingMillis,
        idleMillis);
  }

  public RpcLimits withWebSockets(int webSockets, int queuedMessages, int queuedBytes) {
    return new RpcLimits(
        maxBodyBytes,
        maxBatch,
        maxBatchResponseBytes,
        maxResponseBytes,
        timeoutMillis,
        maxConcurrent,
        maxConnections,
        webSockets,
        maxPerWebSocket,
        maxSubscriptionsPerConnection,
        maxSubscriptions,
        queuedMessages,
        queuedBytes,
        writeTimeoutMillis,
        pingMillis,
        idleMillis);
  }
}
