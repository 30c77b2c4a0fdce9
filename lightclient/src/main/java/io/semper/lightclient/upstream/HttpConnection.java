package io.semper.lightclient.upstream;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// A connection to a server, for one request after the other. Any thread may close it, and who
/// reads or writes then fails at once.
final class HttpConnection implements AutoCloseable {
  private static final int BUFFER_BYTES = 8 << 10;

  private final Address address;
  private final Socket socket = new Socket();
  private InputStream in;
  private OutputStream out;

  /// Where a server listens.
  record Address(boolean secure, String host, int port) {
    /// @throws IOException where the URL is none over HTTP
    static Address of(URI url) throws IOException {
      boolean secure = "https".equalsIgnoreCase(url.getScheme());
      if (url.getHost() == null || !secure && !"http".equalsIgnoreCase(url.getScheme())) {
        throw new IOException("not an address over HTTP: " + url);
      }
      int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
      return new Address(secure, url.getHost(), port);
    }
  }

  HttpConnection(Address address) {
    this.address = address;
  }

  Address address() {
    return address;
  }

  void open(int timeoutMillis) throws IOException {
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(address.host(), address.port()), timeoutMillis);
    Socket line = address.secure() ? secured() : socket;
    in = new BufferedInputStream(line.getInputStream(), BUFFER_BYTES);
    out = line.getOutputStream();
  }

  /// The certificate has to be one for the host.
  private Socket secured() throws IOException {
    String host = address.host().replaceAll("[\\[\\]]", ""); // as URLs hold addresses of IPv6
    SSLSocket tls =
        (SSLSocket)
            HttpsURLConnection.getDefaultSSLSocketFactory()
                .createSocket(socket, host, address.port(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    return tls;
  }

  boolean isOpen() {
    return in != null;
  }

  /// Whether something came that nobody has asked for, such as a reply that nobody waited for any
  /// more: the next reply would be that of another request.
  boolean hasMore() {
    try {
      return in.available() > 0;
    } catch (IOException ended) {
      return true;
    }
  }

  InputStream in() {
    return in;
  }

  void send(byte[] request) throws IOException {
    out.write(request);
    out.flush();
  }

  /// Without a goodbye over TLS, which may have to wait for who reads or writes.
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException closed) {
      // It is.
    }
  }
}
