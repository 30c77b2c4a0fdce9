/// QBFT: agreement of a known set of validators, after which a block is final.
package io.semper.chain.qbft;
