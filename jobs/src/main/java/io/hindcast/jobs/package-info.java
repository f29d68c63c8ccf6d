/** spark-submit entry points: one small main per job, the command line, configuration files and session start. */
@NullMarked
package io.hindcast.jobs;

import org.jspecify.annotations.NullMarked;
