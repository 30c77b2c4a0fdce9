package io.semper.lightclient.beacon;

/// Something a source says, and the bytes it said it in, which are evidence if it lied.
public record Claim<T>(T value, byte[] evidence) {}
