/// Finding nodes nobody has named: Node Discovery v5.1 over UDP (ethereum/devp2p, `discv5/`), as
/// one who asks, over IPv4. Records are signed and bound to their keys; whatever else a stranger
/// says is only a hint whom to ask next.
///
/// It answers nobody with whom it has not begun itself, so that nothing can be had of it by a
/// forged sender. May import `identity`.
package io.semper.p2p.discovery;
