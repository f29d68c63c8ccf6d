package io.hindcast.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Default, range and meaning of one configuration key; the key is the record component's name in kebab case. On a record that is
 * a case of a sealed interface: the meaning of that case.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.TYPE})
public @interface Setting {
    /** The {@link #value} of a key that has no default. */
    String REQUIRED = "required";

    /**
     * The default as a HOCON value, for example {@code 0.9}, {@code [64, 64]}, {@code null} or {@code {}}. That of a
     * section stands for it as a whole: where any key of it is given, the others have the defaults of its record.
     */
    String value() default REQUIRED;

    /**
     * The numbers allowed, as an interval such as {@code [0, 1)} or {@code (0, inf)}; for a list it holds for every
     * element. Empty: anything of the type.
     */
    String range() default "";

    /** Of a list of strings: written as a string if it has but one, as it may be given. */
    boolean single() default false;

    /**
     * Names that the key had before, the first one first. They are still read. What is published stays under the first
     * one, so that a new name makes no table and no run again.
     */
    String[] formerly() default {};

    /**
     * Whether the key came when runs and tables without it were published already: while it is as by default it is left out of
     * what is published, so that these stay what they are.
     */
    boolean later() default false;

    /** What the key does, in a sentence fragment that names units. */
    String meaning();
}
