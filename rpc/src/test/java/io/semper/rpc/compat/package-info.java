/// Recorded conversations with other clients, replayed against a server here.
package io.semper.rpc.compat;
