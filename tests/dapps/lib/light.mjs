// A QBFT network on this machine, and light clients before it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAUNCHER, Process, answering, eventually, freePort, rpc } from './node.mjs';

// What `network init` puts between a node's JSON-RPC and its libp2p.
const PEER_PORT_DISTANCE = 100;
const MAX_BASE_PORT = 65_000;
const ATTEMPTS = 50;

const FIRST_BLOCK_MILLIS = 120_000;

async function isFree(port) {
  const server = createServer();
  const taken = await new Promise((resolve) => server.once('error', () => resolve(true)).listen(port, '127.0.0.1', () => resolve(false)));
  if (!taken) await new Promise((resolve) => server.close(resolve));
  return !taken;
}

/** The first of `count` free ports, with as many that are free for libp2p. */
async function freeBase(count) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const base = await freePort();
    if (base > MAX_BASE_PORT) continue;
    const ports = Array.from({ length: count }, (_, i) => [base + i, base + PEER_PORT_DISTANCE + i]).flat();
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
  throw new Error(`no ${count} free ports in a row`);
}

/** Validators that have sealed a block; the ten development accounts are funded. */
export async function startNetwork(validators = 4) {
  const folder = mkdtempSync(join(process.env.SCRATCH ?? tmpdir(), 'network-'));
  const directory = join(folder, 'network');
  const base = await freeBase(validators);
  const init = new Process([
    LAUNCHER, 'network', 'init', '--dir', directory, '--validators', String(validators), '--base-port', String(base), '--dev-accounts',
  ]);
  assert.equal((await init.ended).code, 0, init.log);
  const run = new Process([LAUNCHER, 'network', 'run', '--dir', directory]);
  const stop = async () => {
    await run.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const urls = Array.from({ length: validators }, (_, i) => `http://127.0.0.1:${base + i}`);
  try {
    for (const url of urls) {
      await answering(run, url, FIRST_BLOCK_MILLIS);
      await eventually(() => rpc(url, 'eth_blockNumber'), (number) => number !== '0x0', 'a first block', FIRST_BLOCK_MILLIS);
    }
  } catch (failed) {
    await stop();
    throw new Error(`${failed.message}\n${run.log}`);
  }
  return { file: join(directory, 'network.json'), urls, stop };
}

/** A light client of `network` that asks `upstreams` alone and trusts the genesis block. */
export async function startLight(network, upstreams = network.urls, args = []) {
  const port = await freePort();
  const node = new Process([LAUNCHER, 'light', '--network', network.file, '--upstream', upstreams.join(','), '--port', String(port), ...args]);
  const url = `http://127.0.0.1:${port}`;
  await answering(node, url);
  return { url, wsUrl: `ws://127.0.0.1:${port}`, process: node, stop: () => node.stop() };
}
