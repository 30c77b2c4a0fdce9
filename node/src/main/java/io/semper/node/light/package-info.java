/// A light client as a daemon: the methods of a full node over a chain that is proven, not stored.
package io.semper.node.light;
