/// Inputs for every decoder of bytes that strangers send. Each module's `*FuzzTest` names its own.
package io.semper.core.fuzz;
