/// Private keys: encrypted key files and the accounts of the development chain.
///
/// Keys are held in memory only as long as a command needs them and never logged. May not import
/// `chain` or `rpc` but for the signer interface.
package io.semper.node.account;
