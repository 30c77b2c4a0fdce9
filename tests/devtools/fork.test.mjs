// A fork of Foundry's anvil.
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { forks } from '../dapps/lib/forks.mjs';
import { Process, answering, freePort, startDev } from '../dapps/lib/node.mjs';

const ANVIL = fileURLToPath(new URL('node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil', import.meta.url));

describe('a fork of anvil', () => {
  let origin;
  before(async () => {
    const port = await freePort();
    const process = new Process([ANVIL, '--port', String(port)]);
    origin = { url: `http://127.0.0.1:${port}`, process };
    await answering(process, origin.url);
  });
  after(async () => origin?.process.stop());
  forks(() => origin, startDev);
});
