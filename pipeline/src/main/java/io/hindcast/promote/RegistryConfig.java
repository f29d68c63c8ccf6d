package io.hindcast.promote;

import io.hindcast.config.Address;
import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import java.util.regex.Pattern;

/** Where it is kept which policy acts. */
public record RegistryConfig(
        @Setting(
                meaning = "the directory of registries, a path of any file system that Hadoop knows; it need not exist,"
                        + " and several --out may share it")
        Address directory,

        @Setting(
                value = "policy",
                meaning = "which registry there, a folder of it: one for each task that a policy is wanted for")
        String name) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");

    /** @throws UserException if the name is no name, or the address holds a password */
    public RegistryConfig {
        if (!NAME.matcher(name).matches()) {
            throw new UserException("Cannot use registry.name = " + name
                    + ": it must be 1 to 100 letters, digits, _ or -, the first of them a letter or a digit");
        }
        if (directory.holdsSecret()) {
            throw new UserException("Cannot use registry.directory = " + directory
                    + ": tables will name it, and a password in it would stand there; leave it out and give it to"
                    + " Hadoop (--spark spark.hadoop.fs.…)");
        }
    }
}
