package io.semper.p2p.reqresp;

import java.io.IOException;

/// The responder gives no answer, or no more of it.
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  public static final int INVALID_REQUEST = 1;
  public static final int SERVER_ERROR = 2;
  public static final int RESOURCE_UNAVAILABLE = 3;

  private final int code;

  /// @param code 1 to 255, see the constants
  public RefusedException(int code, String message) {
    super(message);
    this.code = code;
  }

  public int code() {
    return code;
  }
}
