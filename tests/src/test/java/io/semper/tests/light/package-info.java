/// Light clients before full nodes that are honest, slow, gone or lying.
package io.semper.tests.light;
