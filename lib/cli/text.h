/* SPDX-License-Identifier: MIT */
/*
 * Text from outside (names and contents of files). Inside JSON and XML, what has a meaning there is escaped
 * and what is not UTF-8 becomes U+FFFD, so that the document is always valid. On a terminal, control
 * characters and what is not UTF-8 are shown as \xNN, so that no file can steer the terminal.
 */
#ifndef NBL_CLI_TEXT_H
#define NBL_CLI_TEXT_H

#include <stdio.h>

void nbl__cli_put_plain(FILE *stream, const char *text);

void nbl__cli_put_xml(FILE *stream, const char *text);

/* With the quotation marks. */
void nbl__cli_put_json(FILE *stream, const char *text);

#endif
