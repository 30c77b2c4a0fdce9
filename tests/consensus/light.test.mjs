// A Semper light client begins at a final block of Lodestar's chain, follows it over three sync-committee periods and proves
// what it answers against the Semper node that executes. Takes some ten minutes; prints what happened.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAPELLA_EPOCH, SLOT_SECONDS, SLOTS_PER_EPOCH, folder, launcher, start, startNetwork, until } from './network.mjs';
import { freePort } from '../dapps/lib/node.mjs';

const SLOTS_PER_PERIOD = 8 * SLOTS_PER_EPOCH;
const PERIODS = Number(process.env.PERIODS ?? 3);
const MOST_SECONDS = 120 + (PERIODS + 1) * SLOTS_PER_PERIOD * SLOT_SECONDS;
const CONTRACT = '0x00000000000000000000000000000000000c0de0';
const ABSENT = '0x00000000000000000000000000000000deadbeef';
const hex = (number) => '0x' + number.toString(16);

test('a light client follows Lodestar from period to period', { timeout: 1000 * (MOST_SECONDS + 150) }, async () => {
  const { rpc, beacon, rpcPort, restPort, p2pPort, wallets, stopSending, genesisFile } = await startNetwork({
    // Gives the block's number and 42 from its storage, added.
    [CONTRACT]: { balance: '0x0', code: '0x600054430160005260206000f3', storage: { '0x00': '0x2a' } },
  });
  const checkpoint = await until('a final block with an execution block proven', MOST_SECONDS, async () => {
    const { finalized } = await beacon('v1/beacon/states/head/finality_checkpoints');
    return Number(finalized.epoch) > CAPELLA_EPOCH ? finalized : undefined;
  });
  const spec = await beacon('v1/config/spec');
  const genesis = await beacon('v1/beacon/genesis');
  const config = join(folder, 'beacon.json');
  const known = { GENESIS_TIME: genesis.genesis_time, GENESIS_VALIDATORS_ROOT: genesis.genesis_validators_root };
  writeFileSync(config, JSON.stringify({ data: { ...spec, ...known } }));

  const [command, ...prefix] = launcher;
  /** Starts a light client with one source of the beacon chain; returns how to ask it. */
  async function startLight(name, source) {
    const port = await freePort();
    start(name, command, [
      ...prefix, 'light', '--genesis', genesisFile, '--consensus-config', config, '--consensus', source,
      '--checkpoint', checkpoint.root, '--upstream', `http://127.0.0.1:${rpcPort}`, '--port', `${port}`,
      '--data-dir', join(folder, name),
    ]);
    return async (method, ...params) => {
      const reply = await fetch(`http://127.0.0.1:${port}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      });
      const { result, error } = await reply.json();
      if (error) throw new Error(`${method}: ${error.message}`);
      return result;
    };
  }
  const began = Date.now();
  const light = await startLight('light', `http://127.0.0.1:${restPort}`);
  await until('an answer of the light client', 60, () => light('eth_getBalance', wallets[0].address, 'latest'));
  const firstMillis = Date.now() - began;

  const from = Number(checkpoint.epoch) * SLOTS_PER_EPOCH;
  const last = PERIODS * SLOTS_PER_PERIOD + 2;
  let heads = 0;
  let answers = 0;
  let seen = -1;
  let slot = from;
  let oldest = 0;
  while (slot < last) {
    const head = await until('the next head', 12 * SLOT_SECONDS + 20, async () => {
      const block = await light('eth_getBlockByNumber', 'latest', false);
      return Number(block.number) > seen ? block : undefined;
    });
    seen = Number(head.number);
    slot = (Number(head.timestamp) - Number(genesis.genesis_time)) / SLOT_SECONDS;
    heads++;
    oldest = Math.max(oldest, Date.now() / 1000 - Number(head.timestamp));
    const there = await rpc('eth_getBlockByNumber', head.number, false);
    assert.equal(head.hash, there.hash);
    assert.equal(head.stateRoot, there.stateRoot);
    for (const address of [...wallets.map((wallet) => wallet.address), ABSENT]) {
      assert.equal(await light('eth_getBalance', address, head.number), await rpc('eth_getBalance', address, head.number));
      assert.equal(
        await light('eth_getTransactionCount', address, head.number),
        await rpc('eth_getTransactionCount', address, head.number),
      );
      answers += 2;
    }
    assert.equal(Number(await light('eth_getStorageAt', CONTRACT, '0x0', head.number)), 42);
    const called = await light('eth_call', { to: CONTRACT, data: '0x' }, head.number);
    assert.equal(called, await rpc('eth_call', { to: CONTRACT, data: '0x' }, head.number));
    assert.ok(Number(called) >= seen + 42);
    answers += 2;
  }

  // The same from the beginning, over libp2p alone.
  const { peer_id: peer } = await beacon('v1/node/identity');
  const overLibp2p = await startLight('light-libp2p', `/ip4/127.0.0.1/tcp/${p2pPort}/p2p/${peer}`);
  await until('a head over libp2p', 120, async () => {
    const head = await overLibp2p('eth_getBlockByNumber', 'latest', false);
    return Number(head.number) > seen + SLOTS_PER_EPOCH ? head : undefined;
  });
  const both = await Promise.all([light, overLibp2p].map((each) => each('eth_getBlockByNumber', 'latest', false)));
  const apart = Math.abs(Number(both[0].number) - Number(both[1].number));
  assert.ok(apart <= 2, `heads ${apart} blocks apart`);
  const balances = [overLibp2p, rpc].map((each) => each('eth_getBalance', wallets[0].address, both[1].number));
  assert.equal(...(await Promise.all(balances)));
  await stopSending();

  // What is final is so on both layers, and a block far below is proven by the hashes of those above.
  const final = await light('eth_getBlockByNumber', 'finalized', false);
  assert.equal(final.hash, (await rpc('eth_getBlockByNumber', final.number, false)).hash);
  assert.deepEqual(await light('eth_getBlockByNumber', 'safe', false), final);
  assert.ok(Number(final.number) > (PERIODS - 1) * SLOTS_PER_PERIOD * 0.8, `block ${Number(final.number)} is final`);
  const early = hex(Number(final.number) >> 1);
  assert.equal((await light('eth_getBlockByNumber', early, false)).hash, (await rpc('eth_getBlockByNumber', early, false)).hash);
  const { consensus, lies, trust } = await light('semper_provenance');
  assert.deepEqual(lies, []);
  assert.equal(consensus.length, 1);
  const libp2p = await overLibp2p('semper_provenance');
  assert.deepEqual(libp2p.lies, []);
  const gossip = Object.fromEntries(Object.entries(libp2p.gossip).map(([what, count]) => [what, Number(count)]));
  assert.ok(gossip.believed > 0, 'updates came by gossip');
  assert.equal(gossip.refused, 0);

  console.log(`begun at slot ${from}, followed to slot ${slot}, over ${PERIODS} periods`);
  console.log(`first proven balance ${firstMillis} ms after the start of the process`);
  console.log(`heads ${heads}, proven answers ${answers}, oldest head ${oldest.toFixed(1)} s, trust ${trust}`);
  console.log(`over libp2p: ${apart} blocks apart, by gossip ${JSON.stringify(gossip)}`);
});
