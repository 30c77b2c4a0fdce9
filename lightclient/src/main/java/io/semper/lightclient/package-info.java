/// A client that verifies headers itself, asks full nodes it does not trust for everything else,
/// and answers only what it has proven against those headers.
///
/// What is verified is a function: a trusted point, a claim and the time give a verdict, and
/// nothing changes. Taking what was accepted cannot fail. No class here trusts a reply, whoever
/// sent it. May be embedded: Java 21, no native code, no `java.net.http`.
package io.semper.lightclient;
