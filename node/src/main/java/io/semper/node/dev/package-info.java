/// What the user of a development chain may do with it: carries out, on the producer's thread, what
/// the methods of `rpc.dev` ask for.
package io.semper.node.dev;
