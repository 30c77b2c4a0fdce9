/// What a stranger may cost: every bound of the module in [Limits], and the accounts that count
/// against them.
///
/// Imports nothing of this module.
package io.semper.p2p.limits;
