// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef SURETY_BASE_ERR_H
#define SURETY_BASE_ERR_H

// What went wrong, as a coarse code. The details (place, path, what to write instead) are in the diagnostics
// list, see diag.h. A function that returns another code than SURETY_OK leaves its out-parameters untouched.
enum surety_err {
    SURETY_OK = 0,
    SURETY_E_INPUT,  // the scenario or the command line is wrong: the list has at least one error
    SURETY_E_MEMORY, // an allocation failed
    SURETY_E_SYSTEM, // a file, a thread or a tool failed: the list says which
    SURETY_E_NUMERIC // a law or a plan constant came out as no number
};

#endif
