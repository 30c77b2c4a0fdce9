// Malformed input of every kind, each with the answer it gets. The node's memory stays bounded and it goes on
// sealing blocks.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { HDNodeWallet, Interface, concat, encodeRlp, keccak256, toBeHex } from 'ethers';
import WebSocket from 'ws';
import { blobOf, sidecar } from './lib/blobs.mjs';
import { Register } from './lib/contracts.mjs';
import { LAUNCHER, MNEMONIC, Process, eventually, post, rpc, startDev } from './lib/node.mjs';

const MEBI = 1 << 20;
// The Java heap is bounded apart from this (SEMPER_JAVA_OPTS), so growth past it would end the process.
const MAX_RESIDENT_BYTES = 1600 * MEBI;
const HEAP = '-Xmx768m';
// For commands that end at once.
const QUICK = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
const RUN_MILLIS = 180_000;

const account = (i) => HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${i}`);
const key = account(1).signingKey;
const to = account(2).address;
const register = new Interface(Register.abi);

let node, contract, folder;
let sealed = 0;

/** The chain still takes a transaction into a block. */
async function seals() {
  const number = Number(await rpc(node.url, 'eth_blockNumber'));
  const hash = await rpc(node.url, 'eth_sendTransaction', [{ from: account(0).address, to, value: '0x1' }]);
  const receipt = await eventually(() => rpc(node.url, 'eth_getTransactionReceipt', [hash]), (r) => r !== null, 'a block');
  assert.equal(receipt.status, '0x1');
  assert.ok(Number(receipt.blockNumber) > number);
  sealed++;
}

before(async () => {
  process.env.SEMPER_JAVA_OPTS = HEAP;
  node = await startDev(["--rpc-max-fee", "1"]);
  folder = mkdtempSync(join(tmpdir(), 'semper-bad-input-'));
  const hash = await rpc(node.url, 'eth_sendTransaction', [{ from: account(0).address, data: Register.bytecode + '0'.repeat(64) }]);
  const { contractAddress } = await eventually(() => rpc(node.url, 'eth_getTransactionReceipt', [hash]), (r) => r !== null, 'deployment');
  contract = contractAddress;
});

afterEach(async () => {
  if (node.process) {
    const resident = node.process.residentBytes();
    assert.ok(resident < MAX_RESIDENT_BYTES, `resident memory is ${resident}`);
  }
});

after(async () => {
  await node?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const request = (method, params, id = 1) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);

describe('bodies', () => {
  const PARSE = -32700, INVALID = -32600, LIMIT = -32005;
  const big = (bytes) => `{"jsonrpc":"2.0","id":1,"method":"web3_sha3","params":["0x${'00'.repeat(bytes / 2)}"]}`;
  async function* chunks(bytes) {
    for (let sent = 0; sent < bytes; sent += MEBI) yield Buffer.alloc(MEBI, 0x20);
  }
  function* pieces(buffer) {
    for (let from = 0; from < buffer.length; from += MEBI) yield buffer.subarray(from, from + MEBI);
  }
  const error = (code, message) => (reply) => {
    assert.equal(reply.json?.error?.code, code, reply.text.slice(0, 300));
    assert.match(reply.json.error.message, message);
    assert.ok(reply.text.length < 2000, 'an error stays short');
  };
  const status = (code, message) => (reply) => {
    assert.equal(reply.status, code, reply.text.slice(0, 300));
    error(INVALID, message)(reply);
  };

  for (const [what, body, expect, headers] of [
    ['an empty body', '', error(PARSE, /parse error/)],
    ['blanks alone', ' \n\t ', error(PARSE, /parse error/)],
    ['half an object', '{"jsonrpc":"2.0","id":1,"method":"eth_cha', error(PARSE, /parse error/)],
    ['no JSON', 'GET / HTTP/1.1', error(PARSE, /parse error/)],
    ['text after the end', request('eth_chainId', []) + 'x', error(PARSE, /parse error/)],
    ['two requests in a row', request('eth_chainId', []) + request('eth_chainId', []), error(PARSE, /parse error/)],
    ['zero bytes', Buffer.alloc(1000), error(PARSE, /parse error/)],
    ['bad UTF-8', Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]), error(PARSE, /parse error/)],
    ['arrays nested 100,000 deep', nested(100_000), error(PARSE, /parse error|nest/i)],
    ['parameters nested 100,000 deep', `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":${nested(100_000)}}`, error(PARSE, /nest/i)],
    ['objects nested 100,000 deep', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), error(PARSE, /nest/i)],
    ['a key twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"eth_chainId"}', error(PARSE, /[Dd]uplicate/)],
    ['a number of a million digits', `{"jsonrpc":"2.0","id":${'9'.repeat(MEBI)},"method":"eth_chainId"}`, error(PARSE, /[Nn]umber/)],
    ['a key of a megabyte', `{"${'k'.repeat(MEBI)}":1}`, error(PARSE, /[Nn]ame/)],
    ['a method of a megabyte', request('m'.repeat(MEBI), []), error(-32601, /^the method m+.* does not exist\/is not available$/)],
    ['a number', '1', error(INVALID, /invalid request/)],
    ['a string', '"eth_chainId"', error(INVALID, /invalid request/)],
    ['null', 'null', error(INVALID, /invalid request/)],
    ['no method', '{"jsonrpc":"2.0","id":1}', error(INVALID, /invalid request/)],
    ['a number for a method', '{"jsonrpc":"2.0","id":1,"method":7}', error(INVALID, /invalid request/)],
    ['a string for parameters', '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":"x"}', error(INVALID, /invalid request/)],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}', error(INVALID, /invalid request/)],
    ['an object for an id', '{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}', error(INVALID, /invalid request/)],
    ['an empty batch', '[]', error(INVALID, /empty batch/)],
    ['a batch of 10,000', `[${Array(10_000).fill(request('eth_chainId', [])).join()}]`, error(LIMIT, /batch too large/)],
    ['a batch of batches', `[${nested(1)},${nested(1)}]`, (reply) => {
      assert.deepEqual(reply.json.map((r) => r.error.code), [INVALID, INVALID]);
    }],
    ['a batch with one good request', `[1,"x",null,${request('eth_chainId', [], 'good')},{"id":9}]`, (reply) => {
      assert.deepEqual(reply.json.map((r) => r.error?.code ?? r.result), [INVALID, INVALID, INVALID, '0x7a69', INVALID]);
      assert.equal(reply.json[3].id, 'good');
    }],
    ['a notification', '{"jsonrpc":"2.0","method":"eth_chainId"}', (reply) => {
      assert.deepEqual([reply.status, reply.text], [200, '']);
    }],
    ['50 MB', big(50 * MEBI), status(413, /too large.*--rpc-max-body-bytes/)],
    ['50 MB without saying so before', () => chunks(50 * MEBI), status(413, /too large/)],
    ['50 MB of nesting', nested(25 * MEBI), status(413, /too large/)],
    ['text instead of JSON', request('eth_chainId', []), status(415, /application\/json/), { 'content-type': 'text/plain' }],
    ['a form', request('eth_chainId', []), status(415, /application\/json/), { 'content-type': 'application/x-www-form-urlencoded' }],
  ]) {
    test(what, async () => {
      const type = headers ?? { 'content-type': 'application/json' };
      const reply =
        typeof body === 'function' || body.length > 10 * MEBI
          ? await postUnread(type, body)
          : await post(node.url, body, type);
      expect(reply);
    });
  }

  /** Posts what the server may refuse before it has read it all: fetch would only report a broken pipe. */
  async function postUnread(headers, body) {
    const socket = connect(node.port, '127.0.0.1');
    await once(socket, 'connect');
    let text = '';
    socket.setEncoding('latin1').on('data', (part) => (text += part)).on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const given = typeof body === 'function' ? body() : pieces(Buffer.from(body));
    const chunked = typeof body === 'function';
    const length = chunked ? 'transfer-encoding: chunked' : `content-length: ${Buffer.byteLength(body)}`;
    const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`);
    socket.write(`POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}${length}\r\n\r\n`);
    for await (const part of given) {
      // An answer that is there is read before a write can find the connection closed.
      await immediate();
      if (socket.destroyed || text !== '') break;
      const piece = chunked ? [`${part.length.toString(16)}\r\n`, part, '\r\n'] : [part];
      for (const p of piece) {
        if (!socket.destroyed && !socket.write(p)) await Promise.race([once(socket, 'drain').catch(() => {}), closed, eventually(() => text, (t) => t !== '', 'an answer')]);
      }
    }
    await eventually(() => text, (t) => /\r\n\r\n.*\}/s.test(t), 'an answer');
    socket.destroy();
    const content = text.slice(text.indexOf('\r\n\r\n') + 4);
    const json = content.slice(content.indexOf('{'), content.lastIndexOf('}') + 1);
    return { status: Number(text.split(' ')[1]), text: json, json: JSON.parse(json) };
  }

  test('the chain goes on', seals);
});

describe('what is asked', () => {
  const PARAMS = -32602;
  const address = account(0).address;
  const call = (extra) => () => [{ to: contract, data: register.encodeFunctionData('value'), ...extra }, 'latest'];
  const overridden = (override) => () => [{ to: contract, gas: '0xffffffffffff' }, 'latest', { [contract]: override }];
  const zero32 = '0x' + '0'.repeat(64);
  for (const [what, method, params, code, message] of [
    ['an unknown method', 'eth_noSuchMethod', [], -32601, /^the method eth_noSuchMethod does not exist\/is not available$/],
    ['a method in capitals', 'ETH_CHAINID', [], -32601, /does not exist/],
    ['an empty method', '', [], -32601, /does not exist/],
    ['parameters by name', 'eth_getBalance', { address }, PARAMS, /non-array args/],
    ['no parameter', 'eth_getBalance', [], PARAMS, /missing value for required argument 0/],
    ['one too many', 'eth_getBalance', [address, 'latest', 1], PARAMS, /too many arguments, want at most 2/],
    ['a short address', 'eth_getBalance', ['0x1234', 'latest'], PARAMS, /invalid argument 0: .*want 40/],
    ['an address that is no hex', 'eth_getBalance', ['0x' + 'g'.repeat(40), 'latest'], PARAMS, /invalid argument 0: .*invalid hex/],
    ['an address without 0x', 'eth_getBalance', [address.slice(2), 'latest'], PARAMS, /without 0x/],
    ['a number for an address', 'eth_getBalance', [1, 'latest'], PARAMS, /invalid argument 0/],
    ['a decimal block', 'eth_getBalance', [address, '12'], PARAMS, /invalid argument 1/],
    ['a block with leading zeros', 'eth_getBalance', [address, '0x01'], PARAMS, /leading zero/],
    ['a block of 2^70', 'eth_getBalance', [address, '0x400000000000000000'], PARAMS, /invalid argument 1/],
    ['a tag that is none', 'eth_getBalance', [address, 'newest'], PARAMS, /invalid argument 1/],
    ['a block by hash and number', 'eth_getBalance', [address, { blockHash: zero32, blockNumber: '0x1' }], PARAMS, /invalid argument 1/],
    ['a block that is not there', 'eth_getBalance', [address, '0xffffff'], -32000, /header not found|block.*not found/],
    ['a block hash that is not there', 'eth_getBalance', [address, { blockHash: zero32 }], -32000, /header.*not found|block.*not found|unknown block/],
    ['a short hash', 'eth_getTransactionByHash', ['0x12'], PARAMS, /want 64/],
    ['a word for a flag', 'eth_getBlockByNumber', ['latest', 'yes'], PARAMS, /invalid argument 1/],
    ['a slot of 33 bytes', 'eth_getStorageAt', [address, '0x' + '11'.repeat(33), 'latest'], PARAMS, /.+/],
    ['data of odd length', 'eth_call', call({ data: '0x123' }), PARAMS, /odd length/],
    ['a negative value', 'eth_call', call({ value: '-0x1' }), PARAMS, /without 0x/],
    ['a value of 257 bits', 'eth_call', call({ value: '0x1' + '0'.repeat(64) }), PARAMS, /256 bits/],
    ['both kinds of price', 'eth_call', call({ gasPrice: '0x1', maxFeePerGas: '0x1' }), /-32(000|602)/, /both gasPrice and \(maxFeePerGas or maxPriorityFeePerGas\) specified/],
    ['a string for a call', 'eth_call', ['0x', 'latest'], PARAMS, /invalid argument 0/],
    ['code override that is no hex', 'eth_call', overridden({ code: 'x' }), PARAMS, /invalid argument 2/],
    ['state and difference at once', 'eth_call', overridden({ state: {}, stateDiff: {} }), /-32(602|000)/, /both 'state' and 'stateDiff'|state.*stateDiff/],
    ['a call without end', 'eth_call', call({ data: register.encodeFunctionData('spin'), gas: '0xffffffffffff' }), -32000, /out of gas|timeout/],
    ['a call for a petabyte of memory', 'eth_call', overridden({ code: '0x600166038d7ea4c6800052' }), -32000, /out of gas/],
    ['a call that returns a gigabyte', 'eth_call', overridden({ code: '0x63400000006000f3' }), -32000, /out of gas/],
    ['an estimate without end', 'eth_estimateGas', () => [{ to: contract, data: register.encodeFunctionData('spin') }], -32000, /gas required exceeds allowance|out of gas|timeout/],
    ['an estimate beyond the balance', 'eth_estimateGas', [{ from: account(1).address, to, value: '0xffffffffffffffffffffffff' }], -32000, /insufficient funds/],
    ['logs in reverse', 'eth_getLogs', [{ fromBlock: '0x2', toBlock: '0x1' }], PARAMS, /invalid block range/],
    ['logs of the future', 'eth_getLogs', [{ fromBlock: '0x0', toBlock: '0x7fffffffffffffff' }], PARAMS, /block range extends beyond current head block/],
    ['logs by hash and range', 'eth_getLogs', [{ blockHash: zero32, fromBlock: '0x1' }], PARAMS, /cannot specify both BlockHash and FromBlock\/ToBlock/],
    ['logs of an unknown block', 'eth_getLogs', [{ blockHash: zero32 }], -32000, /unknown block/],
    ['five topics', 'eth_getLogs', [{ topics: [null, null, null, null, null] }], PARAMS, /exceed max topics/],
    ['a thousand and one topics in a place', 'eth_getLogs', [{ topics: [Array(1001).fill(zero32)] }], PARAMS, /.+/],
    ['a hundred thousand addresses', 'eth_getLogs', [{ address: Array(50_000).fill(address) }], PARAMS, /.+/],
    ['a topic of 31 bytes', 'eth_getLogs', [{ topics: ['0x' + '11'.repeat(31)] }], PARAMS, /want 64/],
    ['an unknown filter', 'eth_getFilterChanges', ['0x1234'], -32000, /filter not found/],
    ['a filter id that is none', 'eth_getFilterLogs', [{}], PARAMS, /invalid argument 0/],
    ['a subscription over HTTP', 'eth_subscribe', ['newHeads'], /-320(01|00)|-32601/, /notifications not supported/],
    ['fees of a negative percentile', 'eth_feeHistory', ['0x1', 'latest', [-1]], /-32(602|000)/, /invalid reward percentile/],
    ['fees of falling percentiles', 'eth_feeHistory', ['0x1', 'latest', [50, 20]], /-32(602|000)/, /invalid reward percentile/],
    ['fees of two thousand percentiles', 'eth_feeHistory', ['0x1', 'latest', Array.from({ length: 2000 }, (_, i) => i / 20)], /-32(602|000|005)/, /.+/],
    ['proofs of a hundred thousand slots', 'eth_getProof', [address, Array(50_000).fill('0x0'), 'latest'], /-32(602|005|000)/, /too many|at most/],
    ['bytes that are none to hash', 'web3_sha3', ['0xabc'], PARAMS, /odd length/],
    ['a stranger\'s account', 'eth_sendTransaction', () => [{ from: contract, to, value: '0x1' }], -32000, /unknown account/],
    ['a signature by a stranger', 'eth_sign', () => [contract, '0x12'], -32000, /unknown account/],
    ['typed data without types', 'eth_signTypedData_v4', [address, { message: {} }], /-32(602|000)/, /.+/],
    ['typed data of an unknown type', 'eth_signTypedData_v4', [address, { types: { EIP712Domain: [] }, primaryType: 'Order', domain: {}, message: {} }], /-32(602|000)/, /primary type|Order/],
  ]) {
    test(what, async () => {
      const { json, text } = await post(node.url, request(method, typeof params === 'function' ? params() : params));
      assert.ok(json.error, text.slice(0, 300));
      if (code instanceof RegExp) assert.match(String(json.error.code), code, text.slice(0, 300));
      else assert.equal(json.error.code, code, text.slice(0, 300));
      assert.match(json.error.message, message);
      assert.ok(text.length < 2000, 'an error stays short');
    });
  }

  test('logs of everything, many times at once', async () => {
    const batch = `[${Array(500).fill(request('eth_getLogs', [{ fromBlock: '0x0', toBlock: 'latest' }])).join()}]`;
    const replies = await Promise.all(Array.from({ length: 8 }, () => post(node.url, batch)));
    for (const { json } of replies) {
      assert.equal(json.length, 500);
      assert.ok(json.every((r) => Array.isArray(r.result) || r.error.code === -32005));
      assert.equal(json[0].result.length, 1, 'the one event of the deployment');
    }
  });

  test('the chain goes on', seals);
});

describe('raw transactions', () => {
  const CHAIN = 31337n;
  const number = (n) => (BigInt(n) === 0n ? '0x' : toBeHex(BigInt(n)));
  const GWEI = 10n ** 9n;

  /** A signed typed transaction from its fields, whatever they are. */
  function typed(type, fields, sign = key) {
    const signature = sign.sign(keccak256(concat([type, encodeRlp(fields)])));
    return concat([type, encodeRlp([...fields, number(signature.yParity), strip(signature.r), strip(signature.s)])]);
  }
  const strip = (hex) => number(BigInt(hex));

  const dynamic = (o = {}) => {
    const f = { chain: CHAIN, nonce: 0, tip: GWEI, cap: 100n * GWEI, gas: 21_000, to, value: 1, data: '0x', list: [], ...o };
    return [number(f.chain), number(f.nonce), number(f.tip), number(f.cap), number(f.gas), f.to, number(f.value), f.data, f.list];
  };
  function legacy({ nonce = 0, price = 100n * GWEI, gas = 21_000, chain = CHAIN, edit = (x) => x } = {}) {
    const fields = [number(nonce), number(price), number(gas), to, '0x01', '0x'];
    const signature = key.sign(keccak256(encodeRlp(chain === null ? fields : [...fields, number(chain), '0x', '0x'])));
    const v = chain === null ? 27n + BigInt(signature.yParity) : chain * 2n + 35n + BigInt(signature.yParity);
    return encodeRlp(edit([...fields, number(v), strip(signature.r), strip(signature.s)]));
  }
  const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const blobFields = (o = {}) => [...dynamic({ ...o }), number(o.blobCap ?? GWEI), o.hashes ?? []];
  const versioned = '0x01' + '11'.repeat(31);
  const authorization = () => [number(CHAIN), contract, '0x', '0x', '0x01', '0x01'];

  const rejected = [
    ['nothing', () => '0x', /.+/],
    ['a zero byte', () => '0x00', /not supported|.+/],
    ['an unknown type', () => '0x05' + encodeRlp(dynamic()).slice(2), /not supported/],
    ['a type that is none', () => '0x7f', /.+/],
    ['a type alone', () => '0x02', /.+/],
    ['a list cut short', () => typed('0x02', dynamic()).slice(0, -10), /.+/],
    ['bytes behind the end', () => typed('0x02', dynamic()) + '00', /.+/],
    ['a field too few', () => typed('0x02', dynamic().slice(0, 8)), /.+/],
    ['a field too many', () => typed('0x02', [...dynamic(), '0x']), /.+/],
    ['a number with a leading zero', () => typed('0x02', dynamic().with(1, '0x0001')), /.+/],
    ['a list for a number', () => typed('0x02', dynamic().with(1, [])), /.+/],
    ['a nonce of nine bytes', () => typed('0x02', dynamic().with(1, '0x010000000000000000')), /.+/],
    ['a value of 33 bytes', () => typed('0x02', dynamic().with(6, '0x01' + '00'.repeat(32))), /.+/],
    ['a recipient of 19 bytes', () => typed('0x02', dynamic().with(5, '0x' + '11'.repeat(19))), /.+/],
    ['an access list that is none', () => typed('0x02', dynamic({ list: [['0x12']] })), /.+/],
    ['a length of 2^63', () => '0x02ff7fffffffffffffff00', /.+/],
    ['a length of a gigabyte', () => '0x02fb40000000c0', /.+/],
    ['a hundred lists within lists', () => '0x' + deepList(100), /.+/],
    ['fifty thousand lists within lists', () => '0x' + deepList(50_000), /.+/],
    ['another chain\'s', () => typed('0x02', dynamic({ chain: 1n })), /invalid chain id|invalid sender/],
    ['another chain\'s of the old kind', () => legacy({ chain: 5n }), /invalid chain id|invalid sender/],
    ['one valid on all chains', () => legacy({ chain: null }), /only replay-protected \(EIP-155\) transactions allowed over RPC/],
    ['a signature of zeros', () => legacy({ edit: (f) => [...f.slice(0, 7), '0x', '0x'] }), /invalid.*signature|invalid sender|invalid transaction v, r, s/i],
    ['the other half of s', () => legacy({ edit: (f) => [...f.slice(0, 8), toBeHex(curveOrder - BigInt(f[8]))] }), /invalid/],
    ['a parity of two', () => '0x02' + encodeRlp([...dynamic(), '0x02', '0x01', '0x01']).slice(2), /.+/],
    ['too little gas', () => typed('0x02', dynamic({ gas: 20_999 })), /intrinsic gas too low/],
    ['too little gas for its data', () => typed('0x02', dynamic({ gas: 25_000, data: '0x' + 'ff'.repeat(300) })), /insufficient gas for floor data gas cost|intrinsic gas too low/],
    ['more gas than a transaction may have', () => typed('0x02', dynamic({ gas: 16_777_217, cap: 10n * GWEI })), /transaction gas limit too high/],
    ['gas of 2^64-1', () => typed('0x02', dynamic({ gas: 2n ** 64n - 1n })), /gas limit too high|exceeds block gas limit|gas uint64 overflow|.+/],
    ['a tip above its cap', () => typed('0x02', dynamic({ tip: 200n * GWEI })), /max priority fee per gas higher than max fee per gas/],
    ['a fee beyond the cap of this port', () => typed('0x02', dynamic({ gas: 16_000_000 })), /tx fee \(1\.60 ether\) exceeds the configured cap \(1\.00 ether\)/],
    ['fees of 2^256-1', () => typed('0x02', dynamic({ tip: 0, cap: 2n ** 256n - 1n })), /insufficient funds|exceeds the configured cap|fee/],
    ['a used nonce', async () => { await seals(); return typed('0x02', dynamic({ value: 2 }), account(0).signingKey); }, /nonce too low/],
    ['the last nonce', () => typed('0x02', dynamic({ nonce: 2n ** 64n - 1n })), /nonce has max value/],
    ['more money than there is', () => typed('0x02', dynamic({ value: 10n ** 24n })), /insufficient funds for gas \* price \+ value/],
    ['a creation that is too long', () => typed('0x02', dynamic({ to: '0x', gas: 10_000_000, data: '0x' + '00'.repeat(49_153) })), /max initcode size exceeded/],
    ['more than 128 KiB', () => typed('0x02', dynamic({ gas: 16_000_000, cap: 10n * GWEI, data: '0x' + '00'.repeat(131_072) })), /oversized data/],
    ['blobs without their sidecar', () => typed('0x03', blobFields({ hashes: [versioned] })), /sidecar|blob/],
    ['a blob transaction without blobs', () => wrapped(typed('0x03', blobFields({ hashes: [] })), [], [], []), /blob/],
    ['a blob hash of a wrong version', () => { const { blob, commitment, cellProofs } = sidecar(blobOf('the first blob')); return wrapped(typed('0x03', blobFields({ hashes: ['0x02' + '11'.repeat(31)] })), [blob], [commitment], cellProofs); }, /.+/],
    ['a blob of another commitment', () => { const { blob, commitment, cellProofs } = sidecar(blobOf('the first blob')); return wrapped(typed('0x03', blobFields({ hashes: [versioned] })), [blob], [commitment], cellProofs); }, /mismatch|hash/],
    ['a blob a byte short', () => { const { blob, commitment, cellProofs } = sidecar(blobOf('the first blob')); return wrapped(typed('0x03', blobFields({ hashes: [versioned] })), [blob.slice(0, -2)], [commitment], cellProofs); }, /.+/],
    ['seven blobs', () => { const { blob, commitment, cellProofs } = sidecar(blobOf('the first blob')); return wrapped(typed('0x03', blobFields({ hashes: Array(7).fill(versioned) })), Array(7).fill(blob), Array(7).fill(commitment), Array(7).fill(cellProofs).flat()); }, /too many blobs/],
    ['a creation with blobs', () => typed('0x03', blobFields({ hashes: [versioned], to: '0x' })), /.+/],
    ['set-code without authorisation', () => typed('0x04', [...dynamic({ gas: 100_000 }), []]), /authorization/],
    ['set-code that creates', () => typed('0x04', [...dynamic({ gas: 100_000, to: '0x' }), [authorization()]]), /.+/],
    ['an authorisation of five fields', () => typed('0x04', [...dynamic({ gas: 100_000 }), [authorization().slice(1)]]), /.+/],
  ];
  function deepList(depth) {
    // Lengths grow outwards; built from the innermost list.
    const heads = [];
    let length = 0;
    for (let i = 0; i < depth; i++) {
      const size = length === 0 ? '' : length.toString(16).padStart(length.toString(16).length + (length.toString(16).length % 2), '0');
      const head = length < 56 ? (0xc0 + length).toString(16) : (0xf7 + size.length / 2).toString(16) + size;
      heads.push(head);
      length += head.length / 2;
    }
    return heads.reverse().join('');
  }
  function wrapped(signed, blobs, commitments, proofs) {
    const encode = (list) => encodeRlp(list).slice(2);
    const payload = signed.slice(4) + '01' + encode(blobs) + encode(commitments) + encode(proofs);
    const size = (payload.length / 2).toString(16);
    const even = size.padStart(size.length + (size.length % 2), '0');
    return '0x03' + (0xf7 + even.length / 2).toString(16) + even + payload;
  }

  for (const [what, build, message] of rejected) {
    test(what, async () => {
      const pending = await rpc(node.url, 'txpool_status', []);
      const { json, text } = await post(node.url, request('eth_sendRawTransaction', [await build()]));
      assert.ok(json.error, text.slice(0, 300));
      assert.ok([-32000, -32602, -32003].includes(json.error.code), text.slice(0, 300));
      assert.match(json.error.message, message);
      assert.doesNotMatch(json.error.message, /internal|Exception|null/i);
      assert.ok(text.length < 2000, 'an error stays short');
      assert.deepEqual(await rpc(node.url, 'txpool_status', []), pending, 'the pool is as before');
    });
  }

  test('one that the node has already', async () => {
    const waiting = typed('0x02', dynamic({ nonce: 5 }));
    const hash = await rpc(node.url, 'eth_sendRawTransaction', [waiting]);
    assert.equal(hash, keccak256(waiting));
    const { json } = await post(node.url, request('eth_sendRawTransaction', [waiting]));
    assert.match(json.error.message, /already known/);
    const cheap = await post(node.url, request('eth_sendRawTransaction', [typed('0x02', dynamic({ nonce: 5, value: 2 }))]));
    assert.match(cheap.json.error.message, /replacement transaction underpriced/);
  });

  test('a sender\'s endless queue', async () => {
    const spammer = account(4).signingKey;
    let refused = null, taken = 0;
    for (let from = 1; from < 10_000 && refused === null; from += 100) {
      const batch = Array.from({ length: 100 }, (_, i) => JSON.parse(request('eth_sendRawTransaction', [typed('0x02', dynamic({ nonce: from + i }), spammer)], i)));
      const { json } = await post(node.url, JSON.stringify(batch));
      taken += json.filter((r) => r.result).length;
      refused = json.find((r) => r.error)?.error ?? null;
    }
    assert.ok(refused, `${taken} transactions of one sender were taken`);
    assert.match(refused.message, /limit|full|exceed|too many/i);
    assert.ok(taken <= 8192, 'what a development chain takes of one account');
  });

  test('the chain goes on', seals);
});

describe('connections', () => {
  const http = async (head, body = '') => {
    const socket = connect(node.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(head + '\r\n' + body);
    let text = '';
    socket.setEncoding('latin1').on('data', (part) => (text += part)).on('error', () => {});
    await eventually(() => text || socket.destroyed, (t) => t !== '' && t !== false, 'an answer');
    socket.destroy();
    return text;
  };
  const open = async (options) => {
    const socket = new WebSocket(node.wsUrl, options);
    socket.on('error', () => {});
    await once(socket, 'open');
    return socket;
  };
  const reply = async (socket) => JSON.parse((await once(socket, 'message'))[0]);

  test('a request that is no HTTP', async () => {
    assert.match(await http('\x16\x03\x01\x02\x00 not HTTP at all\r\n'), /^HTTP\/1\.1 400/);
  });
  test('an HTTP version that is none', async () => {
    assert.match(await http('GET / HTTP/9.9\r\n'), /^HTTP\/1\.1 (400|505)/);
  });
  test('a header of a megabyte', async () => {
    assert.match(await http(`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'y'.repeat(MEBI)}\r\n`), /^HTTP\/1\.1 431/);
  });
  test('two lengths', async () => {
    assert.match(await http('POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\ncontent-length: 5\r\n', '[]'), /^HTTP\/1\.1 400/);
  });
  test('a chunk of a length that is none', async () => {
    assert.match(
      await http('POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n', 'zzz\r\n{}\r\n0\r\n\r\n'),
      /^HTTP\/1\.1 4\d\d/);
  });
  test('a host that is not this one', async () => {
    const text = await http('POST / HTTP/1.1\r\nhost: evil.example\r\ncontent-type: application/json\r\ncontent-length: 2\r\n', '[]');
    assert.match(text, /^HTTP\/1\.1 403/);
    assert.match(text, /--rpc-allowed-hosts/);
  });
  test('a WebSocket for a host that is not this one', async () => {
    const socket = new WebSocket(node.wsUrl, { headers: { host: 'evil.example' } });
    socket.on('error', () => {});
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, 403);
    response.resume();
  });
  for (const [verb, path, status] of [['PUT', '/', 405], ['DELETE', '/', 405], ['GET', '/etc/passwd', 404], ['POST', '/../../etc/passwd', /40[04]/]]) {
    test(`${verb} ${path}`, async () => {
      const text = await http(`${verb} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n`);
      assert.match(text.split(' ')[1], status instanceof RegExp ? status : new RegExp(String(status)));
    });
  }

  test('two hundred requests that stop halfway', async () => {
    const sockets = [];
    for (let i = 0; i < 200; i++) {
      const socket = connect(node.port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write('POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"json');
      sockets.push(socket);
    }
    await seals();
    sockets.forEach((socket) => socket.destroy());
  });

  test('a WebSocket opened by half', async () => {
    const sockets = [];
    for (let i = 0; i < 100; i++) {
      const socket = connect(node.port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(
        'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
          'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n' + (i % 2 ? '\r\n' : ''));
      // Half of them are upgraded and then send half a frame.
      if (i % 2) {
        assert.match((await once(socket, 'data'))[0].toString('latin1'), /^HTTP\/1\.1 101/);
        socket.write(Buffer.from([0x81, 0xfe, 0x10, 0x00, 1, 2, 3, 4, 5]));
      }
      sockets.push(socket);
    }
    await seals();
    sockets.forEach((socket) => socket.destroy());
    await seals();
  });

  test('a WebSocket that subscribes and never reads', async () => {
    const socket = await open();
    for (let i = 0; i < 1000; i++) {
      socket.send(request('eth_subscribe', ['newHeads'], i));
    }
    socket._socket.pause();
    for (let i = 0; i < 30; i++) await seals();
    socket.terminate();
  });

  test('more subscriptions than one connection may have', async () => {
    const socket = await open();
    const replies = [];
    socket.on('message', (m) => replies.push(JSON.parse(m)));
    for (let i = 0; i < 1100; i++) socket.send(request('eth_subscribe', ['logs', {}], i));
    await eventually(() => replies.length, (n) => n >= 1100, 'all answers');
    const refused = replies.filter((r) => r.error);
    assert.ok(refused.length > 0);
    assert.ok(refused.every((r) => r.error.code === -32005 && /too many subscriptions/.test(r.error.message)));
    socket.close();
  });

  for (const [what, params, message] of [
    ['to nothing', [], /missing value|invalid/],
    ['to what is none', ['newMoons'], /no "newMoons" subscription/],
    ['to logs of five topics', ['logs', { topics: [null, null, null, null, null] }], /exceed max topics/],
    ['to logs of a bad address', ['logs', { address: '0x12' }], /want 40/],
  ]) {
    test(`a subscription ${what}`, async () => {
      const socket = await open();
      socket.send(request('eth_subscribe', params));
      assert.match((await reply(socket)).error.message, message);
      socket.close();
    });
  }

  test('an end to a subscription that is none', async () => {
    const socket = await open();
    socket.send(request('eth_unsubscribe', ['0x1234']));
    const answer = await reply(socket);
    assert.ok(answer.result === false || /subscription not found/.test(answer.error.message));
    socket.close();
  });

  test('no JSON over WebSocket', async () => {
    const socket = await open();
    socket.send('{"half');
    assert.equal((await reply(socket)).error.code, -32700);
    socket.send(request('eth_chainId', []));
    assert.equal((await reply(socket)).result, '0x7a69', 'the connection stays');
    socket.send(nested(100_000));
    assert.equal((await reply(socket)).error.code, -32700);
    socket.send(`[${Array(10_000).fill(request('eth_chainId', [])).join()}]`);
    assert.equal((await reply(socket)).error.code, -32005);
    socket.close();
  });

  test('a message of 50 MB over WebSocket', async () => {
    const socket = await open();
    socket.send('x'.repeat(50 * MEBI), () => {});
    const [code] = await once(socket, 'close');
    assert.ok([1006, 1009].includes(code), `closed with ${code}`);
  });

  test('a frame that is not masked', async () => {
    const socket = connect(node.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    socket.write(Buffer.from([0x81, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f]));
    socket.resume();
    socket.on('end', () => socket.end());
    assert.ok(await Promise.race([closed, delay(20_000, null, { ref: false })]), 'the server closes it');
  });

  test('the chain goes on', seals);
});

/** Runs the launcher to its end. */
async function run(args, environment = {}) {
  const env = { ...process.env, SEMPER_JAVA_OPTS: QUICK, ...environment };
  const semper = new Process([LAUNCHER, ...args], { cwd: folder, env });
  const end = await Promise.race([semper.ended, delay(RUN_MILLIS, null, { ref: false })]);
  if (end === null) {
    await semper.stop('SIGKILL');
    throw new Error(`semper ${args.join(' ')} did not end\n${semper.log.slice(-2000)}`);
  }
  return { code: end.code, log: semper.log };
}

function refusedWith({ code, log }, message) {
  assert.notEqual(code, 0, log);
  assert.match(log, message);
  assert.doesNotMatch(log, /^\s+at [\w.$/]+\(.*\)$/m, 'no stack trace for bad input');
}

// Each start costs a second or two, so these run through the launcher four at a time.
describe('genesis files', { concurrency: 4 }, () => {
  const good = () => ({
    config: { chainId: 7, homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0, byzantiumBlock: 0, constantinopleBlock: 0, petersburgBlock: 0, istanbulBlock: 0, berlinBlock: 0, londonBlock: 0, terminalTotalDifficulty: 0, shanghaiTime: 0 },
    difficulty: '0x0', gasLimit: '0x1c9c380', alloc: { [to]: { balance: '0x1' } },
  });
  const edited = (edit) => () => {
    const genesis = good();
    edit(genesis);
    return JSON.stringify(genesis);
  };
  for (const [what, content, message] of [
    ['an empty file', () => '', /.+/],
    ['no JSON', () => 'genesis', /JSON|token|genesis/i],
    ['half a file', () => JSON.stringify(good()).slice(0, 100), /.+/],
    ['an array', () => '[]', /object/],
    ['nesting 100,000 deep', () => `{"config":${nested(100_000)}}`, /nest|depth|config/i],
    ['no config', edited((g) => delete g.config), /config/],
    ['no allocation', edited((g) => delete g.alloc), /alloc/],
    ['no chain id', edited((g) => delete g.config.chainId), /chainId/],
    ['a negative chain id', edited((g) => (g.config.chainId = -1)), /chainId/],
    ['a fork at a block that is no number', edited((g) => (g.config.londonBlock = 'soon')), /londonBlock/],
    ['forks out of order', edited((g) => { g.config.berlinBlock = 10; g.config.londonBlock = 5; }), /berlin|london/i],
    ['a short address', edited((g) => (g.alloc['0x12'] = { balance: '0x1' })), /alloc/],
    ['a balance of 257 bits', edited((g) => (g.alloc[to].balance = '0x1' + '0'.repeat(64))), /balance/],
    ['a balance that is a word', edited((g) => (g.alloc[to].balance = 'much')), /balance/],
    ['code of odd length', edited((g) => (g.alloc[to].code = '0x123')), /code/],
    ['a gas limit beyond 64 bits', edited((g) => (g.gasLimit = '0x10000000000000000')), /gasLimit/],
    ['extra data that is no hex', edited((g) => (g.extraData = 'xyz')), /extraData/],
    ['blob schedule without target', edited((g) => { g.config.cancunTime = 0; g.config.blobSchedule = { cancun: { max: 6 } }; }), /blobSchedule|target/],
  ]) {
    test(what, async () => {
      const file = join(folder, `genesis-${what.replace(/\W/g, '-')}.json`);
      writeFileSync(file, content());
      writeFileSync(join(folder, 'none.rlp'), '');
      refusedWith(await run(['import', '--data-dir', file + '.data', '--genesis', file, join(folder, 'none.rlp')]), message);
    });
  }
});

describe('files of blocks', { concurrency: 4 }, () => {
  const genesis = JSON.stringify({
    config: { chainId: 7, homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0, byzantiumBlock: 0, constantinopleBlock: 0, petersburgBlock: 0, istanbulBlock: 0, berlinBlock: 0, londonBlock: 0, terminalTotalDifficulty: 0, shanghaiTime: 0 },
    difficulty: '0x0', gasLimit: '0x1c9c380', alloc: {},
  });
  for (const [what, content, message] of [
    ['a string instead of a block', Buffer.from('83616263', 'hex'), /RLP|list|block/i],
    ['an empty block', Buffer.from('c0', 'hex'), /.+/],
    ['a header that is empty', Buffer.from('c3c0c0c0', 'hex'), /.+/],
    ['a length of a gigabyte', Buffer.from('fb40000000c0c0c0', 'hex'), /.+/],
    ['a length of 2^63', Buffer.from('ff8000000000000000c0', 'hex'), /.+/],
    ['a length with a leading zero', Buffer.from('f90001c0', 'hex'), /.+/],
    ['random bytes', Buffer.from(keccak256('0x').slice(2).repeat(100), 'hex'), /.+/],
    ['zero bytes', Buffer.alloc(1000), /.+/],
    ['text', Buffer.from('a file of another kind\n'), /.+/],
    ['an era1 file cut short', Buffer.from('6532000000000000', 'hex'), /.+/],
  ]) {
    test(what, async () => {
      const name = what.replace(/\W/g, '-');
      const file = join(folder, name + '.rlp');
      writeFileSync(file, content);
      writeFileSync(join(folder, name + '.json'), genesis);
      const data = join(folder, name + '.data');
      refusedWith(await run(['import', '--data-dir', data, '--genesis', join(folder, name + '.json'), file]), message);
      const verified = await run(['db', 'verify', '--data-dir', data]);
      assert.equal(verified.code, 0, verified.log);
      assert.match(verified.log, /sound: blocks 0 to 0/);
    });
  }
});

describe('options', { concurrency: 4 }, () => {
  const USAGE = /.+/;
  for (const [what, args, message, environment] of [
    ['an unknown command', ['fly'], /fly/],
    ['an unknown option', ['dev', '--prot', '1'], /--prot.*/],
    ['a port that is none', ['dev', '--port', 'http'], /--port|PORT/],
    ['a port too high', ['dev', '--port', '70000'], /port|70000/i],
    ['a port in use', () => ['dev', '--port', String(node.port)], /port|in use|bind/i],
    ['no data directory', ['import', 'x.rlp'], /--data-dir/],
    ['no file', ['import', '--data-dir', 'd'], /FILE/],
    ['a file that is not there', ['import', '--data-dir', 'd1', '--network', 'sepolia', 'nowhere.rlp'], /nowhere\.rlp/],
    ['a folder for a file', ['import', '--data-dir', 'd2', '--network', 'sepolia', '.'], USAGE],
    ['an unknown network', ['import', '--data-dir', 'd3', '--network', 'mars', 'x.rlp'], /mars/],
    ['no network', ['import', '--data-dir', 'd4', 'x.rlp'], /--genesis|--network/],
    ['a genesis that is not there', ['node', '--data-dir', 'd5', '--genesis', 'nowhere.json', '--port', '0'], /nowhere\.json/],
    ['a data directory that cannot be', ['dev', '--port', '0', '--data-dir', '/proc/semper'], /\/proc\/semper/],
    ['a file for a data directory', () => { writeFileSync(join(folder, 'plain'), ''); return ['dev', '--port', '0', '--data-dir', 'plain']; }, /plain/],
    ['a block time below zero', ['dev', '--port', '0', '--block-time', '-5'], /--block-time/],
    ['no accounts', ['dev', '--port', '0', '--accounts', '0'], /--accounts/],
    ['a million accounts', ['dev', '--port', '0', '--accounts', '1000000'], /--accounts/],
    ['a limit below zero', ['dev', '--port', '0', '--rpc-max-body-bytes', '-1'], /--rpc-max-body-bytes: -1 is less than 1/],
    ['blocks of no gas', ['dev', '--port', '0', '--gas-limit', '0'], /--gas-limit: 0 is less than 5000/],
    ['a configuration that is none', () => { writeFileSync(join(folder, 'bad.toml'), '[dev\nport=1'); return ['--config', 'bad.toml', 'dev', '--port', '0']; }, /bad\.toml/],
    ['a configuration with an unknown key', () => { writeFileSync(join(folder, 'key.toml'), 'prot = 1\n'); return ['--config', 'key.toml', 'dev', '--port', '0']; }, /key\.toml.*prot/s],
    ['a variable that is no port', ['dev'], /port|PORT/, { SEMPER_PORT: 'x' }],
    ['verification of nothing', () => { mkdirSync(join(folder, 'empty'), { recursive: true }); return ['db', 'verify', '--data-dir', 'empty']; }, /empty/],
    ['a state test that is none', () => { writeFileSync(join(folder, 'no.json'), '{'); return ['evm', 'statetest', 'no.json']; }, /no\.json/],
    ['a state test that is not there', ['evm', 'statetest', 'nowhere.json'], /nowhere\.json/],
  ]) {
    test(what, async () => {
      const list = typeof args === 'function' ? args() : args;
      refusedWith(await run(list, environment), message);
    });
  }
});

describe('after all this', () => {
  test('the chain goes on', async () => {
    await seals();
    assert.ok(sealed >= 36);
    if (node.process) {
      assert.equal(node.process.end, undefined, 'the same process as at the start');
      assert.doesNotMatch(node.process.log, /OutOfMemory|StackOverflow/);
    }
  });
});
