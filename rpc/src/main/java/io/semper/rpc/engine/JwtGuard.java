package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.HttpResponseException;
import io.semper.rpc.Gate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/// Lets only those in who prove by a fresh token that they know the secret: JSON Web Tokens signed
/// with HS256 (RFC 7519, and `authentication.md` of the Engine API). Every HTTP request brings one,
/// a WebSocket on opening.
public final class JwtGuard implements Gate {
  /// Length of the secret.
  public static final int SECRET_BYTES = 32;

  /// How far the token's time of issue may lie from now.
  private static final long MAX_AGE_SECONDS = 60;

  private static final int MAX_TOKEN_CHARS = 4096;
  private static final String SCHEME = "Bearer ";
  private static final String ALGORITHM = "HmacSHA256";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SecretKeySpec secret;
  private final Clock clock;

  /// @param secret of [#SECRET_BYTES]
  public JwtGuard(byte[] secret, Clock clock) {
    if (secret.length != SECRET_BYTES) {
      throw new IllegalArgumentException("secret of " + secret.length + " bytes, expected 32");
    }
    this.secret = new SecretKeySpec(secret, ALGORITHM);
    this.clock = clock;
  }

  @Override
  public void pass(HttpFields request, HttpFields.Mutable reply) {
    String refusal = refusal(request.get(HttpHeader.AUTHORIZATION));
    if (refusal != null) {
      throw new HttpResponseException(401, refusal, Map.of());
    }
  }

  /// Why a caller with this header is refused, `null` where he is not.
  ///
  /// @param authorization `null` for none
  String refusal(String authorization) {
    if (authorization == null || !authorization.startsWith(SCHEME)) {
      return "missing token";
    }
    String token = authorization.substring(SCHEME.length()).strip();
    if (token.length() > MAX_TOKEN_CHARS) {
      return "token is longer than " + MAX_TOKEN_CHARS + " characters";
    }
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return "token is malformed";
    }
    try {
      JsonNode header = JSON.readTree(decode(parts[0]));
      if (!"HS256".equals(header.path("alg").textValue()) || header.has("crit")) {
        return "token is not signed with HS256";
      }
      byte[] expected = sign(parts[0] + "." + parts[1]);
      if (!MessageDigest.isEqual(expected, decode(parts[2]))) {
        return "token signature is invalid";
      }
      return staleness(JSON.readTree(decode(parts[1])));
    } catch (IllegalArgumentException | IOException e) {
      return "token is malformed";
    }
  }

  private String staleness(JsonNode claims) {
    if (!claims.path("iat").isNumber()) {
      return "missing issued-at";
    }
    double now = clock.millis() / 1000.0;
    double age = now - claims.path("iat").doubleValue();
    if (age > MAX_AGE_SECONDS) {
      return "stale token";
    }
    if (age < -MAX_AGE_SECONDS) {
      return "future token";
    }
    if (claims.has("exp") && !(claims.path("exp").doubleValue() > now)) {
      return "token is expired";
    }
    return null;
  }

  private static byte[] decode(String part) {
    return Base64.getUrlDecoder().decode(part);
  }

  private byte[] sign(String message) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      return mac.doFinal(message.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
