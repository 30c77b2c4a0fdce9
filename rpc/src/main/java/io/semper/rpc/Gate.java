package io.semper.rpc;

import io.javalin.http.HttpResponseException;
import org.eclipse.jetty.http.HttpFields;

/// Stands before everything a server serves: posts, pages, WebSockets.
public interface Gate {
  /// Lets all in.
  Gate OPEN = (request, reply) -> {};

  /// @param request headers of the request
  /// @param reply headers of its reply, to add to
  /// @throws HttpResponseException with status and reason, where the request is not served
  void pass(HttpFields request, HttpFields.Mutable reply);
}
