/// Ethereum itself by its sync committees: the sync protocol of the beacon chain's light clients,
/// from Altair to Fulu and with the headers of Gloas, and the sources updates come from.
///
/// Bytes become containers ([LightClientUpdate] and others), [SyncProtocol] judges and applies
/// them, and nothing a source says is believed but by it.
package io.semper.lightclient.beacon;
