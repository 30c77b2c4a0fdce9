/// A libp2p of its own: peers, streams, topics and bytes. Nothing in this module knows Ethereum.
package io.semper.p2p;
