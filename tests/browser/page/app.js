// A dapp as any other: it knows the wallet the browser has, and nothing of who answers behind it.
// Its address says which token it shows: ?token=0x...
import { BrowserProvider, Contract } from './ethers.js';

const TOKEN = [
  'function balanceOf(address) view returns (uint256)',
  'function transfer(address to, uint256 amount) returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 amount)',
];
const RECEIPT_POLL_MILLIS = 250;

const element = (id) => document.getElementById(id);
const show = (id, text) => (element(id).textContent = text);

const wallets = [];
window.addEventListener('eip6963:announceProvider', ({ detail }) => wallets.push(detail));
window.dispatchEvent(new Event('eip6963:requestProvider'));

let account, signer, token;

/** Which verified block answers stand on; the light client says it. */
function provenance() {
  return wallets[0].provider.request({ method: 'semper_provenance' });
}

function proof({ block, trust }) {
  return `block ${Number(block.number)}, ${block.hash}, ${trust}`;
}

async function showBalance() {
  const now = await provenance();
  show('balance', '');
  show('balance', String(await token.balanceOf(account, { blockTag: Number(now.block.number) })));
  show('balance-proof', proof(now));
}

async function connect() {
  const [wallet] = wallets;
  if (!wallet) throw new Error('this browser has no wallet');
  const provider = new BrowserProvider(wallet.provider);
  provider.pollingInterval = RECEIPT_POLL_MILLIS;
  [account] = await provider.send('eth_requestAccounts', []);
  signer = await provider.getSigner(account);
  token = new Contract(new URLSearchParams(location.search).get('token'), TOKEN, signer);
  show('wallet', wallet.info.name);
  show('account', account);
  show('chain', String((await provider.getNetwork()).chainId));
  await showBalance();
  element('send').disabled = false;
}

async function send() {
  element('proof').hidden = true;
  show('state', 'asking the wallet');
  const sent = await token.transfer(element('to').value, BigInt(element('amount').value));
  show('transaction', sent.hash);
  show('state', 'sent');
  const receipt = await sent.wait();
  const [{ args }] = receipt.logs;
  const now = await provenance();
  const good = now.upstreams.filter((each) => each.state === 'good').length;
  show('event', `Transfer ${args.amount} from ${args.from} to ${args.to}`);
  show('block', `${receipt.blockNumber}, ${receipt.blockHash}, transaction ${receipt.index}, ${receipt.gasUsed} gas`);
  show('receipt-proof', proof(now));
  show('nodes', `${now.upstreams.length}, of which ${good} answer well and ${now.lies.length} lied`);
  await showBalance();
  element('proof').hidden = false;
  show('state', 'proven');
}

/** Shows what goes wrong, in the words of who refused. */
async function attempt(action) {
  element('problem').hidden = true;
  try {
    await action();
  } catch (failed) {
    show('state', '');
    show('problem', failed.info?.error?.message ?? failed.error?.message ?? failed.shortMessage ?? failed.message);
    element('problem').hidden = false;
  }
}

element('connect').addEventListener('click', () => attempt(connect));
element('transfer').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(send);
});
