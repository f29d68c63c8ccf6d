/** Files and folders that are published whole: written aside, brought to disk and renamed. Leases, and paths as users write them. */
@NullMarked
package io.hindcast.files;

import org.jspecify.annotations.NullMarked;
