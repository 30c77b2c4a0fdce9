package io.semper.node.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Keccak;
import io.semper.node.account.Keystore.KeyException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.params.KeyParameter;

/// The JSON form of one encrypted private key (Web3 secret storage, version 3).
///
/// A key derived from the password encrypts with AES-128 in counter mode (its first half) and
/// authenticates with Keccak-256 (its second half). Written with scrypt at the standard strength of
/// other clients, read with scrypt or PBKDF2 within limits.
final class KeyFile {
  /// Some 256 MB and half a second for each guess of a password.
  private static final int SCRYPT_N = 1 << 18;

  private static final int SCRYPT_R = 8;
  private static final int SCRYPT_P = 1;
  private static final int DERIVED_BYTES = 32;
  private static final int VERSION = 3;

  /// A file may not make its reader allocate or compute without end.
  private static final long MAX_SCRYPT_BYTES = 1L << 30;

  private static final int MAX_SCRYPT_P = 16;
  private static final int MAX_ROUNDS = 10_000_000;

  private KeyFile() {}

  static ObjectNode encrypt(byte[] key, Address address, String password) {
    return encrypt(key, address, password, random(16), random(32), SCRYPT_N);
  }

  static ObjectNode encrypt(
      byte[] key, Address address, String password, byte[] iv, byte[] salt, int scryptN) {
    byte[] derived =
        SCrypt.generate(utf8(password), salt, scryptN, SCRYPT_R, SCRYPT_P, DERIVED_BYTES);
    byte[] ciphertext = aesCounter(derived, iv, key);
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.put("address", plainHex(address.toBytes()));
    file.put("id", UUID.randomUUID().toString());
    file.put("version", VERSION);
    ObjectNode crypto = file.putObject("crypto");
    crypto.put("cipher", "aes-128-ctr");
    crypto.put("ciphertext", plainHex(ciphertext));
    crypto.putObject("cipherparams").put("iv", plainHex(iv));
    crypto.put("kdf", "scrypt");
    ObjectNode parameters = crypto.putObject("kdfparams");
    parameters.put("dklen", DERIVED_BYTES);
    parameters.put("n", scryptN);
    parameters.put("p", SCRYPT_P);
    parameters.put("r", SCRYPT_R);
    parameters.put("salt", plainHex(salt));
    crypto.put("mac", plainHex(authentication(derived, ciphertext)));
    return file;
  }

  static byte[] decrypt(JsonNode file, String password) throws KeyException {
    JsonNode crypto = file.path("crypto").isObject() ? file.path("crypto") : file.path("Crypto");
    require(crypto.isObject(), "no key file: it has no object 'crypto'");
    require(file.path("version").asInt() == VERSION, "only version 3 is known");
    String cipher = crypto.path("cipher").asText();
    require(cipher.equals("aes-128-ctr"), "unknown cipher '" + cipher + "'");
    byte[] ciphertext = bytes(crypto, "ciphertext");
    byte[] derived = derive(crypto, password);
    byte[] expected = bytes(crypto, "mac");
    require(MessageDigest.isEqual(expected, authentication(derived, ciphertext)), "wrong password");
    byte[] iv = bytes(crypto.path("cipherparams"), "iv");
    require(iv.length == 16, "'iv' has not 16 bytes");
    return aesCounter(derived, iv, ciphertext);
  }

  private static byte[] derive(JsonNode crypto, String password) throws KeyException {
    JsonNode parameters = crypto.path("kdfparams");
    byte[] salt = bytes(parameters, "salt");
    require(parameters.path("dklen").asInt() == DERIVED_BYTES, "'dklen' is not 32");
    String function = crypto.path("kdf").asText();
    switch (function) {
      case "scrypt" -> {
        int n = parameters.path("n").asInt();
        int r = parameters.path("r").asInt();
        int p = parameters.path("p").asInt();
        require(n > 1 && Integer.bitCount(n) == 1, "'n' is no power of two");
        require(r > 0 && p > 0 && p <= MAX_SCRYPT_P, "'r' or 'p' is out of range");
        // RFC 7914: N below 2^(128 r / 8), which matters for r = 1 only.
        require(r > 1 || n < 1 << 16, "'n' must be less than 65536 where 'r' is 1");
        require(128L * n * r <= MAX_SCRYPT_BYTES, "'n' and 'r' ask for more than 1 GiB");
        return SCrypt.generate(utf8(password), salt, n, r, p, DERIVED_BYTES);
      }
      case "pbkdf2" -> {
        int rounds = parameters.path("c").asInt();
        require(rounds > 0 && rounds <= MAX_ROUNDS, "'c' is out of range");
        require(parameters.path("prf").asText().equals("hmac-sha256"), "unknown 'prf'");
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(new SHA256Digest());
        generator.init(utf8(password), salt, rounds);
        return ((KeyParameter) generator.generateDerivedMacParameters(8 * DERIVED_BYTES)).getKey();
      }
      default -> throw new KeyException("unknown key derivation '" + function + "'");
    }
  }

  private static byte[] authentication(byte[] derived, byte[] ciphertext) {
    byte[] input = Arrays.copyOfRange(derived, 16, 32 + ciphertext.length);
    System.arraycopy(ciphertext, 0, input, 16, ciphertext.length);
    return Keccak.hash(input).toBytes();
  }

  private static byte[] aesCounter(byte[] derived, byte[] iv, byte[] input) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(derived, 0, 16, "AES"), new IvParameterSpec(iv));
      return cipher.doFinal(input);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(JsonNode from, String field) throws KeyException {
    String text = from.path(field).asText();
    require(text.matches("([0-9a-fA-F]{2})+"), "'" + field + "' holds no hexadecimal digits");
    return Hex.decode(text);
  }

  private static void require(boolean met, String problem) throws KeyException {
    if (!met) {
      throw new KeyException(problem);
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  private static String plainHex(byte[] bytes) {
    String text = Hex.encode(bytes);
    return text.startsWith("0x") ? text.substring(2) : text;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
