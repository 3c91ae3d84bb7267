/** Examines what a server needs on this machine, without starting one. Each feature has the checks of what it uses. */
@NullMarked
package dev.anneal.doctor;

import org.jspecify.annotations.NullMarked;
