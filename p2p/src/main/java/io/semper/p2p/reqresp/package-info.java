/// Questions to one peer and answers in one or many chunks.
///
/// A protocol is one class, an implementation of [Protocol]: its name, its sizes, its encodings.
/// [Requests] serves and asks. On the wire a question is a varint length and Snappy frames; a chunk
/// of the answer is a result code and the same.
///
/// ```java
/// requests.serve(new Headers(), (peer, range, answer) -> {
///   for (long n = range.from(); n < range.from() + range.count(); n++) {
///     answer.send(chain.header(n)); // waits while the peer does not read; throws when it is gone
///   }
/// });
/// try (Answer<Header> headers = requests.ask(peer, new Headers(), new Range(1, 64))) {
///   for (Header header; (header = headers.next()) != null; ) {
///     use(header);
///   }
/// }
/// ```
///
/// Imports the host above it, `wire` and `limits`.
package io.semper.p2p.reqresp;
