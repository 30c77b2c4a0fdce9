// A TCP relay before the node whose connections can be cut, as networks do.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export async function startProxy(port) {
  const open = new Set();
  let accepted = 0;
  const server = createServer((client) => {
    accepted++;
    const upstream = connect(port, '127.0.0.1');
    for (const [socket, other] of [[client, upstream], [upstream, client]]) {
      open.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    wsUrl: `ws://127.0.0.1:${server.address().port}`,
    /** How many connections there have been. */
    get accepted() {
      return accepted;
    },
    /** Breaks every connection without a farewell. */
    cut() {
      open.forEach((socket) => socket.resetAndDestroy());
    },
    async stop() {
      server.close();
      open.forEach((socket) => socket.destroy());
    },
  };
}
