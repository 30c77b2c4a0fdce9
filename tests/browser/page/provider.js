// The wallet that is injected into a page before its own scripts run: an EIP-1193 provider, announced by EIP-6963.
// Keys stay here and sign here, each time the user says yes; everything else goes on to the light client's JSON-RPC.

/** `url` of the light client, private `key`, `library` the address of ethers as a module. */
function injectWallet({ name, url, key, library }) {
  // EIP-1193
  const USER_REJECTED = 4001;
  const UNAUTHORIZED = 4100;
  const UNSUPPORTED = 4200;
  const DISCONNECTED = 4900;

  const problem = (code, message, data) => Object.assign(new Error(message), { code, data });
  const listeners = new Map();
  const emit = (event, value) => listeners.get(event)?.forEach((listener) => listener(value));

  let id = 0;
  let connected = false;
  let allowed = false;
  let sending = Promise.resolve();

  /** Asks the light client. */
  async function forward(method, params = []) {
    let response, reply;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
      });
      reply = await response.json();
    } catch (failed) {
      const error = problem(DISCONNECTED, `the light client does not answer: ${failed.message}`);
      if (connected) emit('disconnect', error);
      connected = false;
      throw error;
    }
    // The block that this answer is proven by.
    provider.provenance = response.headers.get('Semper-Provenance');
    if (reply.error) throw problem(reply.error.code, reply.error.message, reply.error.data);
    if (!connected) {
      connected = true;
      emit('connect', { chainId: method === 'eth_chainId' ? reply.result : await forward('eth_chainId') });
    }
    return reply.result;
  }

  async function signer() {
    const { BrowserProvider, Wallet } = await import(library);
    return new Wallet(key, new BrowserProvider({ request: ({ method, params }) => forward(method, params) }));
  }

  async function connect() {
    const wallet = await signer();
    if (!allowed) {
      if (!confirm(`Let ${location.origin} see your account ${wallet.address}?`)) throw problem(USER_REJECTED, 'the user did not connect');
      allowed = true;
      emit('accountsChanged', [wallet.address]);
    }
    return [wallet.address];
  }

  async function send({ from, gas, ...request }) {
    const wallet = await signer();
    if (!allowed || from?.toLowerCase() !== wallet.address.toLowerCase()) throw problem(UNAUTHORIZED, `not an account of this page: ${from}`);
    if (!confirm(`Sign a transaction to ${request.to} with ${request.data?.length ?? 0} characters of data?`)) {
      throw problem(USER_REJECTED, 'the user did not sign');
    }
    const full = await wallet.populateTransaction({ ...request, from, gasLimit: gas });
    return forward('eth_sendRawTransaction', [await wallet.signTransaction(full)]);
  }

  const provider = {
    provenance: null,
    async request({ method, params }) {
      switch (method) {
        case 'eth_requestAccounts':
          return connect();
        case 'eth_accounts':
          return allowed ? connect() : [];
        case 'eth_sendTransaction': {
          // One after another, so that no two take the same nonce.
          const sent = sending.then(() => send(params[0]));
          sending = sent.catch(() => {});
          return sent;
        }
        case 'eth_sign':
        case 'eth_signTransaction':
        case 'eth_subscribe':
        case 'eth_unsubscribe':
          throw problem(UNSUPPORTED, `this wallet does not do ${method}`);
        default:
          return forward(method, params);
      }
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
      return provider;
    },
    removeListener(event, listener) {
      listeners.set(event, (listeners.get(event) ?? []).filter((each) => each !== listener));
      return provider;
    },
  };

  const info = { uuid: crypto.randomUUID(), name, icon: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>', rdns: 'io.semper.light' };
  const announce = () =>
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info: Object.freeze(info), provider }) }));
  window.addEventListener('eip6963:requestProvider', announce);
  window.ethereum = provider;
  announce();
}
