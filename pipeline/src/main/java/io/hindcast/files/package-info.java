/** Files that are whole or absent: written aside, brought to disk and renamed; what killed processes left; leases; paths. */
@NullMarked
package io.hindcast.files;

import org.jspecify.annotations.NullMarked;
