/// How fast the virtual machine is where it is slowest, an import where there are many accounts, a
/// sync beside an import. Programs that print figures, run by hand; may use everything.
package io.semper.tests.speed;
