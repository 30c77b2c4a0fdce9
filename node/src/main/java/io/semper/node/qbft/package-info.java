/// What a node shows of a QBFT network: the methods Besu names `qbft_`. Knows no transport.
package io.semper.node.qbft;
