// A dapp in a browser, before it a light client, before that a network of validators and a node that lies.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Contract, ContractFactory, HDNodeWallet, JsonRpcProvider } from 'ethers';
import { Token } from '../dapps/lib/contracts.mjs';
import { startLight, startNetwork } from '../dapps/lib/light.mjs';
import { MNEMONIC, eventually, rpc } from '../dapps/lib/node.mjs';
import { findBrowser, openTab, servePage, startBrowser } from './browser.mjs';

const SUPPLY = 1_000_000n;
const WAIT_MILLIS = 60_000;
const ALL_MILLIS = 480_000;
const SHOTS = new URL('target/', import.meta.url);
const PNG = '89504e470d0a1a0a';

const account = (index) => HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${index}`);
const alice = account(0);
const bob = account(1);

/** Another number, or node of a trie, whose last bit is another. */
const other = (hex) => hex.slice(0, -1) + (parseInt(hex.at(-1), 16) ^ 1).toString(16);

/** Hands requests on to `url`; once `lies` is set, storage has other values than it has, in the proofs' leaves, too. */
async function liar(url) {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.concat(parts) });
    const answers = await reply.json();
    for (const { result } of [answers].flat()) {
      for (const slot of (node.lies && result?.storageProof) || []) {
        slot.value = other(slot.value);
        slot.proof.push(other(slot.proof.pop()));
        node.told++;
      }
    }
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const node = { url: `http://127.0.0.1:${server.address().port}`, lies: false, told: 0, stop: () => server.close() };
  return node;
}

describe('a dapp in a browser', { timeout: ALL_MILLIS }, () => {
  let network, full, site, light, misled, dishonest, browser, token;
  const opened = [];

  before(async () => {
    network = await startNetwork();
    full = new JsonRpcProvider(network.urls[0], undefined, { cacheTimeout: -1, pollingInterval: 100 });
    const deployed = await new ContractFactory(Token.abi, Token.bytecode, alice.connect(full)).deploy(SUPPLY);
    await deployed.waitForDeployment();
    token = new Contract(await deployed.getAddress(), Token.abi, full);
    site = await servePage();
    const origin = ['--rpc-cors-origins', site.origin];
    light = await startLight(network, network.urls, origin);
    dishonest = await liar(network.urls[0]);
    misled = await startLight(network, [dishonest.url], origin);
    dishonest.lies = true;
    browser = await startBrowser();
    console.log(`${findBrowser()}: Chromium ${browser.version()}`);
  });

  after(async () => {
    full?.destroy();
    await browser?.close();
    site?.stop();
    await light?.stop();
    await misled?.stop();
    dishonest?.stop();
    await network?.stop();
  });

  /** A tab with the page, whose user allows it to see the account and signs where `says` says so. */
  async function open(url, { from = alice, origin = site.origin, says = [true] } = {}) {
    const tab = await openTab(browser, { name: 'Semper light client', url, key: from.privateKey, library: '/ethers.js' });
    tab.says.push(...says);
    opened.push(tab);
    await tab.page.goto(`${origin}/?token=${await token.getAddress()}`);
    await tab.page.click('#connect');
    return tab;
  }

  const text = (tab, id) => tab.page.textContent(`#${id}`);

  const shows = (tab, id, wanted) =>
    eventually(() => text(tab, id), (found) => wanted.test(found), `#${id} with ${wanted}`, WAIT_MILLIS);

  async function transfer(tab, amount) {
    await tab.page.fill('#to', bob.address);
    await tab.page.fill('#amount', String(amount));
    await tab.page.click('#send');
  }

  /** Keeps what the tab looks like, and says where. */
  async function shot(tab, name) {
    const image = await tab.page.screenshot({ fullPage: true });
    assert.equal(image.subarray(0, 8).toString('hex'), PNG);
    const file = new URL(`${name}.png`, SHOTS);
    mkdirSync(SHOTS, { recursive: true });
    writeFileSync(file, image);
    console.log(`screenshot: ${fileURLToPath(file)}, ${image.length} bytes`);
  }

  /** `block N, HASH, TRUST` as the page shows it, of the chain that the validators sealed. */
  async function provenBlock(line) {
    const [, number, hash, trust] = /^block (\d+), (0x[0-9a-f]{64}), (proven|cross-checked)$/.exec(line) ?? assert.fail(line);
    assert.equal((await full.getBlock(Number(number))).hash, hash);
    return { number: Number(number), trust };
  }

  test('reads a balance and says which block proves it', async () => {
    const tab = await open(light.url);
    await shows(tab, 'balance', /^\d+$/);
    assert.equal(await text(tab, 'balance'), String(SUPPLY));
    assert.equal(await text(tab, 'account'), alice.address);
    assert.equal(await text(tab, 'wallet'), 'Semper light client');
    assert.equal(BigInt(await text(tab, 'chain')), (await full.getNetwork()).chainId);
    const by = await provenBlock(await text(tab, 'balance-proof'));
    assert.equal(await token.balanceOf(alice.address, { blockTag: by.number }), SUPPLY);
    // A reply's own header is there for a page of another origin, too.
    assert.match(await tab.page.evaluate(() => window.ethereum.provenance), /^block=\d+; hash=0x[0-9a-f]{64}; age=\d+; trust=[a-z-]+$/);
  });

  test('sends a transfer signed in the page and sees it proven', async () => {
    const tab = await open(light.url, { says: [true, true] });
    await shows(tab, 'balance', /^\d+$/);
    await transfer(tab, 2_500);
    await shows(tab, 'state', /^proven$/);
    const hash = await text(tab, 'transaction');
    const receipt = await full.getTransactionReceipt(hash);
    assert.deepEqual([receipt.status, receipt.from, receipt.to], [1, alice.address, await token.getAddress()]);
    assert.equal(await text(tab, 'block'), `${receipt.blockNumber}, ${receipt.blockHash}, transaction ${receipt.index}, ${receipt.gasUsed} gas`);
    assert.equal(await text(tab, 'event'), `Transfer 2500 from ${alice.address} to ${bob.address}`);
    assert.ok((await provenBlock(await text(tab, 'receipt-proof'))).number >= receipt.blockNumber);
    assert.match(await text(tab, 'nodes'), /^4, of which \d answer well and 0 lied$/);
    assert.equal(await text(tab, 'balance'), String(SUPPLY - 2_500n));
    assert.equal(await token.balanceOf(bob.address), 2_500n);
    assert.equal((await full.getTransaction(hash)).from, alice.address);
    await shot(tab, 'transfer');
  });

  test('what the user does not sign is not sent', async () => {
    const nonce = await full.getTransactionCount(alice.address);
    const tab = await open(light.url, { says: [true, false] });
    await shows(tab, 'balance', /^\d+$/);
    await transfer(tab, 1);
    await shows(tab, 'problem', /the user did not sign|user rejected/);
    assert.equal(tab.asked.length, 2);
    assert.equal(await full.getTransactionCount(alice.address, 'pending'), nonce);
    const stranger = await open(light.url, { says: [false] });
    await shows(stranger, 'problem', /the user did not connect|user rejected/);
    assert.equal(await text(stranger, 'account'), '');
  });

  test('a transfer that the token refuses is not even signed', async () => {
    const tab = await open(light.url, { from: account(5), says: [true, true] });
    await shows(tab, 'balance', /^0$/);
    await transfer(tab, 1);
    await shows(tab, 'problem', /balance/);
    assert.equal(tab.asked.length, 1);
  });

  test('a balance that nobody proves is not shown', async () => {
    const tab = await open(misled.url);
    await shows(tab, 'problem', /not available now/);
    assert.equal(await text(tab, 'balance'), '');
    assert.ok(dishonest.told > 0, 'it lied');
    const { lies, upstreams } = await rpc(misled.url, 'semper_provenance');
    assert.deepEqual(lies.map((each) => each.url), [dishonest.url]);
    assert.equal(upstreams[0].state, 'banned');
    await shot(tab, 'liar');
  });

  test('a page of an origin that is not allowed reads nothing', async () => {
    const tab = await open(light.url, { origin: site.origin.replace('127.0.0.1', 'localhost') });
    await shows(tab, 'problem', /the light client does not answer/);
    assert.equal(await text(tab, 'balance'), '');
    assert.ok(tab.problems.some((each) => /CORS/.test(each)), tab.problems.join('\n'));
    tab.problems.length = 0;
  });

  test('no page failed or spoke to anybody but its site and its light client', () => {
    const known = [site.origin, site.origin.replace('127.0.0.1', 'localhost'), light.url, misled.url].map((each) => new URL(each).host);
    assert.ok(opened.length >= 7);
    for (const { hosts, problems } of opened) {
      assert.deepEqual(problems, []);
      assert.deepEqual([...hosts].filter((each) => !known.includes(each)), []);
    }
  });
});
