// A network of Lodestar, with eight validators of its own, over a Semper node: Bellatrix at genesis, Capella some epochs
// later. Processes end with the test that started them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Wallet } from 'ethers';
import { freePort, rpc as rpcAt } from '../dapps/lib/node.mjs';

export const SLOT_SECONDS = Number(process.env.SLOT_SECONDS ?? 2);
export const SLOTS_PER_EPOCH = 8; // of the minimal preset
export const CAPELLA_EPOCH = 2;
export const CHAIN_ID = 32383;
export const START_SECONDS = 45; // until slot 0; both are up by then unless the machine is busy
const SENDERS = 4;

export const folder = mkdtempSync(join(process.env.SCRATCH ?? tmpdir(), 'consensus-'));
const here = fileURLToPath(new URL('.', import.meta.url));
export const launcher = (process.env.SEMPER_COMMAND ?? fileURLToPath(new URL('../../semper', import.meta.url))).split(' ');
const children = [];

export function start(name, command, args, options = {}) {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log], ...options });
  children.push({ name, child });
  return child;
}

after(async () => {
  for (const { child } of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(hard);
  }
});

/** Asks until there is an answer other than undefined. */
export async function until(what, seconds, ask) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    for (const { name, child } of children) {
      assert.equal(child.exitCode, null, `${name} has ended:\n${tail(name)}`);
    }
    assert.ok(Date.now() < end, `${what} within ${seconds} s:\n${children.map(({ name }) => tail(name)).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function tail(name) {
  return `--- ${name}\n` + readFileSync(join(folder, `${name}.log`), 'utf8').split('\n').slice(-25).join('\n');
}

/** Starts both and a stream of transactions. `alloc`: accounts to have besides those of the senders. */
export async function startNetwork(alloc = {}) {
  const [rpcPort, enginePort, restPort, p2pPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const genesisTime = Math.floor(Date.now() / 1000) + START_SECONDS;
  const wallets = Array.from({ length: SENDERS }, (_, i) => new Wallet('0x' + `${i + 1}`.padStart(64, '0')));
  const forks = ['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg', 'istanbul'];
  const config = { chainId: CHAIN_ID, terminalTotalDifficulty: 0, ethash: {} };
  for (const fork of [...forks, 'berlin', 'london', 'mergeNetsplit']) config[`${fork}Block`] = 0;
  config.shanghaiTime = genesisTime + CAPELLA_EPOCH * SLOTS_PER_EPOCH * SLOT_SECONDS;
  const genesis = {
    config,
    gasLimit: '0x1c9c380',
    difficulty: '0x0',
    alloc: {
      ...Object.fromEntries(wallets.map((w) => [w.address, { balance: '0x' + (10n ** 24n).toString(16) }])),
      ...alloc,
    },
  };
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis));

  const secret = join(folder, 'jwt.hex');
  const [command, ...prefix] = launcher;
  start('semper', command, [
    ...prefix, 'node', '--data-dir', join(folder, 'data'), '--genesis', join(folder, 'genesis.json'), '--port', `${rpcPort}`,
    '--engine-port', `${enginePort}`, '--jwt-secret', secret,
  ]);
  const rpc = (method, ...params) => rpcAt(`http://127.0.0.1:${rpcPort}`, method, params);
  const first = await until('an answer of Semper', 60, () => rpc('eth_getBlockByNumber', '0x0', false));

  const bin = join(here, 'node_modules/@chainsafe/lodestar/lib/index.js');
  start(
    'lodestar',
    process.execPath,
    [
      bin, 'dev', '--dataDir', join(folder, 'lodestar'), '--genesisValidators', '8', '--startValidators', '0..7',
      '--genesisTime', `${genesisTime}`, '--genesisEth1Hash', first.hash, '--eth1', 'false',
      '--execution.urls', `http://127.0.0.1:${enginePort}`, '--jwt-secret', secret,
      '--rest', 'true', '--rest.namespace', '*', '--rest.address', '127.0.0.1', '--rest.port', `${restPort}`,
      '--server', `http://127.0.0.1:${restPort}`, '--listenAddress', '127.0.0.1', '--port', `${p2pPort}`,
      '--enr.ip', '127.0.0.1', '--discv5', 'true', '--mdns', 'false', '--metrics', 'false', '--keymanager', 'false',
      '--network.allowPublishToZeroPeers', 'true', '--subscribeAllSubnets', 'true',
      '--suggestedFeeRecipient', '0x00000000000000000000000000000000000000fe',
      '--params.SECONDS_PER_SLOT', `${SLOT_SECONDS}`, '--params.ALTAIR_FORK_EPOCH', '0',
      '--params.BELLATRIX_FORK_EPOCH', '0', '--params.CAPELLA_FORK_EPOCH', `${CAPELLA_EPOCH}`,
      '--params.TERMINAL_TOTAL_DIFFICULTY', '0',
    ],
    {
      cwd: folder,
      env: { ...process.env, LODESTAR_PRESET: 'minimal', NODE_OPTIONS: `--require ${join(here, 'polyfill.cjs')}` },
    },
  );
  const beacon = async (path) => (await (await fetch(`http://127.0.0.1:${restPort}/eth/${path}`)).json()).data;

  const sent = [];
  const nonces = wallets.map(() => 0);
  let sending = true;
  const sender = (async () => {
    while (sending) {
      for (const [i, wallet] of wallets.entries()) {
        const transaction = await wallet.signTransaction({
          type: 2, chainId: CHAIN_ID, nonce: nonces[i], to: wallets[(i + 1) % SENDERS].address, value: 1n, gasLimit: 21_000,
          maxPriorityFeePerGas: 10n ** 9n, maxFeePerGas: 10n ** 11n,
        });
        sent.push(await rpc('eth_sendRawTransaction', transaction));
        nonces[i]++;
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  })();

  /** Ends the stream. */
  async function stopSending() {
    sending = false;
    await sender;
  }
  return { rpc, beacon, rpcPort, restPort, p2pPort, wallets, sent, stopSending, genesisFile: join(folder, 'genesis.json') };
}
