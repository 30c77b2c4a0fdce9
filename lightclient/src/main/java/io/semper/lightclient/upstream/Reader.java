package io.semper.lightclient.upstream;

import java.util.List;

/// Makes a value of a node's replies, or says what is wrong with them. Used by several threads at
/// once, changes nothing.
///
/// A [io.semper.core.rlp.MalformedInputException] or an `IllegalArgumentException` says that the
/// reply cannot be read.
@FunctionalInterface
public interface Reader<T> {
  /// @param replies in the order of the calls
  /// @throws Reply.RefusedException where the node does not know; another is asked
  /// @throws LieException where the node said something that is proven wrong: it is banned
  T read(List<Reply> replies) throws Reply.RefusedException, LieException;
}
