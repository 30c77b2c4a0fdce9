package io.semper.rpc;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A parameter that callers may leave out or give as `null`; the method then sees the type's own
/// default: `latest` for block references, `false`, or `null`.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface Omittable {}
