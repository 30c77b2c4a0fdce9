/// Semper's libp2p against go-libp2p and js-libp2p, which run as processes of their own.
///
/// `SEMPER_GO_PEER` names the built Go program, `SEMPER_JS_PEER` the folder of the installed
/// JavaScript one, `SEMPER_JS_NODE` a Node.js of version 22 or later. A peer that is not there is
/// skipped, and is a failure where `SEMPER_INTEROP=required`.
package io.semper.tests.interop;
