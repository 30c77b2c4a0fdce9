/// The world state of every block: latest values flat, trie nodes by path, and what each block
/// found before it changed them.
///
/// Any thread may read; one at a time computes, appends, reverts and commits. Executes nothing: it
/// takes the differences that execution left. May not import `block`, `pool` or anything above
/// them.
package io.semper.chain.state;
