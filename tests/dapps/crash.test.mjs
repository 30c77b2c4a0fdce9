// Processes killed at random instants, full disks and damaged files: every restart is at a consistent head, and no
// transaction whose receipt was served is lost.
//
// SEMPER_CRASH_CYCLES  how many kills (default 20), half of them during import, half of a sealing development chain
// SEMPER_CRASH_SEED    of the random instants (default: the clock; printed)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { LAUNCHER, Process, ROOT, answering, eventually, freePort, rpc } from './lib/node.mjs';

const CYCLES = Number(process.env.SEMPER_CRASH_CYCLES ?? 20);
const SEED = Number(process.env.SEMPER_CRASH_SEED ?? Date.now() % 1_000_000);
const FIXTURES = process.env.SEMPER_FIXTURES ?? join(ROOT, '../shared/fixtures');
const LOAD = join(FIXTURES, 'chains/load1.tar.xz');
const NO_LOAD = existsSync(LOAD) || process.env.CI === 'true' ? false : `no ${LOAD} (SEMPER_FIXTURES)`;
const MEBI = 1 << 20;
const SENDERS = 6;
const KEPT_RECEIPTS = 400;

let folder, load;
let state = SEED;

/** A number in [0, 1), the same sequence for the same seed (mulberry32). */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

// Most runs are short: compiled quickly they take a third of the time.
const JAVA = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

function semper(...args) {
  const env = { ...process.env, SEMPER_NO_BUILD: '1', SEMPER_JAVA_OPTS: JAVA };
  return new Process([LAUNCHER, ...args], { env });
}

async function finished(...args) {
  const run = semper(...args);
  const end = await run.ended;
  return { ...end, log: run.log };
}

/** Recomputes the state root from the flat state; the head's number. */
async function verified(data, ...network) {
  const { code, log } = await finished('db', 'verify', '--data-dir', data, ...network);
  assert.equal(code, 0, log);
  const [, head] = /^sound: blocks 0 to (\d+), state root 0x[0-9a-f]{64}$/m.exec(log) ?? assert.fail(log);
  return Number(head);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'semper-crash-'));
  // The first start may build.
  const version = await new Process([LAUNCHER, 'version']).ended;
  assert.equal(version.code, 0);
  if (!NO_LOAD) {
    execFileSync('tar', ['-xJf', LOAD, '-C', folder]);
    load = join(folder, 'load1');
  }
  console.log(`crash seed ${SEED}, ${CYCLES} cycles`);
});

after(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

// Named again because a kill may come before the directory remembers it.
const network = () => ['--genesis', join(load, 'genesis.json')];
const importArgs = (data) => ['import', '--data-dir', data, ...network(), join(load, 'chain.rlp')];

test('import, killed at random instants', { skip: NO_LOAD }, async () => {
  const { head, hash } = expectedHead();
  const data = join(folder, 'import');
  let reached = 0, whole = 0, span = 4000;
  // On a machine so slow that nothing was imported before the kills, some more.
  const wanted = (cycle) => cycle < CYCLES / 2 || (reached === 0 && whole === 0 && cycle < 2 * CYCLES);
  for (let cycle = 0; wanted(cycle); cycle++) {
    const run = semper(...importArgs(data));
    // From before the first block to long after; never the same distance from a write.
    const end = await Promise.race([run.ended, delay(400 + random() * span)]);
    if (end === undefined) {
      run.child.kill('SIGKILL');
      assert.equal((await run.ended).signal, 'SIGKILL');
    } else {
      assert.equal(end.code, 0, run.log);
      assert.match(run.log, new RegExp(`^head ${head} ${hash}$`, 'm'));
    }
    if (!existsSync(join(data, 'chain'))) {
      console.log(`import ${cycle + 1}: killed before there was a database`);
      span = Math.min(span * 1.5, 30_000);
      continue;
    }
    const now = await verified(data, ...network());
    assert.ok(now >= reached, `head went from ${reached} back to ${now} (seed ${SEED}, cycle ${cycle})`);
    console.log(`import ${cycle + 1}: killed at ${now}`);
    if (now === reached) span = Math.min(span * 1.5, 30_000);
    reached = now;
    if (now === head) {
      whole++;
      reached = 0;
      rmSync(data, { recursive: true });
    }
  }
  assert.ok(reached > 0 || whole > 0, 'some blocks were imported between kills');
});

function expectedHead() {
  const summary = JSON.parse(readFileSync(join(load, 'summary.json'), 'utf8'));
  return { head: summary.blocks, hash: summary.headHash };
}

/** Starts the development chain on a directory. */
async function dev(data, ...args) {
  const port = await freePort();
  const node = semper('dev', '--port', String(port), '--data-dir', data, ...args);
  const url = `http://127.0.0.1:${port}`;
  await answering(node, url, 60_000);
  return { node, url };
}

/** One sender: sends and waits for receipts until the node is gone; what was served goes into `served`. */
async function send(url, from, to, served, failures = []) {
  try {
    for (;;) {
      const hash = await rpc(url, 'eth_sendTransaction', [{ from, to, value: '0x1' }]);
      const receipt = await eventually(() => rpc(url, 'eth_getTransactionReceipt', [hash]), (r) => r !== null, 'a receipt');
      served.push(receipt);
    }
  } catch (gone) {
    failures.push(gone);
  }
}

async function stillThere(url, served) {
  for (let from = 0; from < served.length; from += 100) {
    const part = served.slice(from, from + 100);
    const found = await Promise.all(part.map((r) => rpc(url, 'eth_getTransactionReceipt', [r.transactionHash])));
    assert.deepEqual(found, part, `receipts are as they were served (seed ${SEED})`);
  }
}

test('a sealing development chain, killed at random instants', async () => {
  const data = join(folder, 'dev');
  const served = [];
  let total = 0, head = 0;
  for (let cycle = 0; cycle < Math.floor(CYCLES / 2); cycle++) {
    const { node, url } = await dev(data, ...(cycle % 3 === 2 ? ['--block-time', '1'] : []));
    await stillThere(url, served);
    assert.ok(Number(await rpc(url, 'eth_blockNumber')) >= head, `the head is not behind (seed ${SEED})`);
    const accounts = await rpc(url, 'eth_accounts');
    const now = [];
    const senders = accounts.slice(0, SENDERS).map((from, i) => send(url, from, accounts[(i + 1) % 10], now));
    await delay(50 + random() * 2500);
    node.child.kill('SIGKILL');
    assert.equal((await node.ended).signal, 'SIGKILL');
    await Promise.all(senders);
    total += now.length;
    served.push(...now);
    served.splice(0, served.length - KEPT_RECEIPTS);
    head = Math.max(head, ...now.map((r) => Number(r.blockNumber)));
    const sound = await verified(data);
    console.log(`sealing ${cycle + 1}: killed at ${sound}, ${now.length} receipts served`);
    assert.ok(sound >= head, `head ${sound} is behind the served block ${head} (seed ${SEED}, cycle ${cycle})`);
  }
  assert.ok(total > CYCLES, `${total} receipts were served`);
  const { node, url } = await dev(data);
  await stillThere(url, served);
  assert.equal((await node.stop()).code, 0, node.log);
});

/** A small file system of its own, or why there is none. The node itself keeps 1 GiB free. */
function smallDisk(mebibytes) {
  const at = join(folder, `disk-${mebibytes}`);
  mkdirSync(at);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', at], { stdio: 'pipe' });
  } catch (refused) {
    return { skip: `cannot mount a small file system: ${String(refused.stderr ?? refused.message).trim()}` };
  }
  return {
    at,
    grow: (to) => execFileSync('mount', ['-o', `remount,size=${to}m`, at]),
    free: () => execFileSync('umount', ['-l', at]),
  };
}

const TRACE = /^\s+at [\w.$/]+\(.*\)$/m;

describe('a full disk', () => {
  test('ends an import with a clear message, and the import goes on with more room', async (t) => {
    if (NO_LOAD) return t.skip(NO_LOAD);
    const disk = smallDisk(1048);
    if (disk.skip) return t.skip(disk.skip);
    try {
      const data = join(disk.at, 'data');
      const { code, log } = await finished(...importArgs(data));
      assert.notEqual(code, 0, log);
      assert.match(log, /space|disk|full/i);
      assert.doesNotMatch(log, TRACE);
      disk.grow(2560);
      const head = await verified(data, ...network());
      const run = semper(...importArgs(data));
      await Promise.race([run.ended, delay(8000)]);
      run.child.kill('SIGTERM');
      await run.ended;
      assert.ok((await verified(data, ...network())) > head, 'the import went on');
    } finally {
      disk.free();
    }
  });

  test('stops a development chain with a clear message, and no served receipt is lost', async (t) => {
    const disk = smallDisk(1030);
    if (disk.skip) return t.skip(disk.skip);
    try {
      const data = join(disk.at, 'data');
      const { node, url } = await dev(data);
      const accounts = await rpc(url, 'eth_accounts');
      const filler = '0x' + 'ab'.repeat(30_000);
      const served = [], failures = [];
      for (let i = 0; i < 2000 && failures.length === 0; i++) {
        try {
          const hash = await rpc(url, 'eth_sendTransaction', [{ from: accounts[i % 10], to: accounts[9], data: filler, gas: '0x200000' }]);
          served.push(await eventually(() => rpc(url, 'eth_getTransactionReceipt', [hash]), (r) => r !== null, 'a receipt', 5000));
        } catch (full) {
          failures.push(full);
        }
      }
      assert.equal(failures.length, 1, 'the disk filled up');
      const stopped = await Promise.race([node.ended, delay(3000)]);
      if (!stopped) await node.stop();
      assert.match(node.log, /space|disk|full/i);
      disk.grow(1536);
      assert.ok((await verified(data)) >= served.length);
      const again = await dev(data);
      await stillThere(again.url, served);
      await again.node.stop();
    } finally {
      disk.free();
    }
  });
});

describe('a truncated database file', { skip: NO_LOAD }, () => {
  const isTable = (name) => /\.(ldb|sst)$/.test(name);
  let whole;

  before(async () => {
    whole = join(folder, 'whole');
    const run = semper(...importArgs(whole));
    const tables = () => (existsSync(join(whole, 'chain')) ? readdirSync(join(whole, 'chain')).filter(isTable).length : 0);
    await eventually(async () => run.end ?? tables(), (n) => typeof n !== 'number' || n >= 3, 'tables', 120_000);
    await run.stop();
    await verified(whole);
  });

  for (const [what, pick] of [
    ['the newest file', () => true],
    ['the newest table', isTable],
    ['the manifest', (name) => name.startsWith('MANIFEST')],
  ]) {
    test(`${what}: a clear message`, async () => {
      const data = join(folder, `truncated-${what.replace(/ /g, '-')}`);
      cpSync(whole, data, { recursive: true, preserveTimestamps: true });
      const chain = join(data, 'chain');
      const [file] = readdirSync(chain)
        .filter((name) => pick(name) && /\d{6}/.test(name) && statSync(join(chain, name)).size > 0)
        .sort((a, b) => statSync(join(chain, b)).mtimeMs - statSync(join(chain, a)).mtimeMs);
      const size = statSync(join(chain, file)).size;
      truncateSync(join(chain, file), Math.floor(size / 2));
      for (const args of [['db', 'verify'], ['import', ...network()]]) {
        const { code, log } = await finished(...args, '--data-dir', data, ...(args[0] === 'import' ? [join(load, 'chain.rlp')] : []));
        assert.notEqual(code, 0, `${file} of ${size} bytes was cut and nothing noticed:\n${log}`);
        assert.match(log, /damage|corrupt|truncat|incomplete|missing|lost/i);
        assert.doesNotMatch(log, TRACE);
      }
    });
  }
});
