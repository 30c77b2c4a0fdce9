/// How fast the virtual machine is where it is slowest. Programs that print figures, run by hand;
/// may use everything.
package io.semper.tests.speed;
